/**
 * Stands in for the AWS command line where a page of the documentation is run: `aws SERVICE OPERATION --parameter value…`, sent by
 * the AWS SDK's clients to the endpoints of the environment. It takes the forms that the pages use: JSON, `Name=value,Name=value`,
 * flags, `--query PATH --output text`, and `wait table-exists`.
 */
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as kms from "@aws-sdk/client-kms";

const services = { dynamodb: [dynamodb, dynamodb.DynamoDBClient], kms: [kms, kms.KMSClient] };
const pascal = (name) => name.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase());

function parsed(text) {
  if (/^[[{]/.test(text)) return JSON.parse(text);
  if (/^\w+=/.test(text)) return Object.fromEntries(text.split(",").map((pair) => pair.split("=")));
  return text;
}

function parametersOf(words) {
  const parameters = {};
  for (let at = 0; at < words.length; ) {
    const name = words[at++];
    if (!name.startsWith("--")) throw new Error(`aws: what is ${name}?`);
    const values = [];
    while (at < words.length && !words[at].startsWith("--")) values.push(parsed(words[at++]));
    const isList =
      values.length > 0 &&
      values.every((value) => typeof value === "object" && !Array.isArray(value)) &&
      name !== "--key" &&
      !name.endsWith("-specification");
    parameters[pascal(name.slice(2))] = values.length === 0 ? true : isList ? values : values[0];
  }
  return parameters;
}

const asBase64 = (_, value) => (value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value);

const [service, ...words] = process.argv.slice(2);
const [module, Client] = services[service] ?? [];
if (module === undefined) throw new Error(`aws: no service ${service}`);
const waits = words[0] === "wait";
const operation = waits ? words[1] : words[0];
const { Region: region, Query: query, Output: _, ...input } = parametersOf(words.slice(waits ? 2 : 1));
const client = new Client({ region });
if (waits) {
  await module[`waitUntil${pascal(operation)}`]({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, input);
} else {
  const { $metadata, ...output } = await client.send(new module[`${pascal(operation)}Command`](input));
  console.log(query === undefined ? JSON.stringify(output, asBase64, 2) : query.split(".").reduce((value, name) => value[name], output));
}
