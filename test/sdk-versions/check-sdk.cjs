// Runs inside a fixture folder: writes through wrapped clients of the SDK that is installed there, to a server that
// keeps every body. Prints JSON: for each class whether the write was encrypted, or the code it was refused with.
const { createServer } = require("node:http");

const secret = "secret.of.the.sdk.matrix@example.com";
const bodies = [];
const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    bodies.push(Buffer.concat(chunks).toString("latin1"));
    response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end("{}");
  });
});

server.listen(0, "127.0.0.1", async () => {
  const tracer = startTracer();
  const low = require("@aws-sdk/client-dynamodb");
  const documents = require("@aws-sdk/lib-dynamodb");
  const { encryptedClient, rawAesKeyring } = require("dynaseal");
  const endpoint = `http://127.0.0.1:${server.address().port}`;
  const config = { endpoint, region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" }, maxAttempts: 1 };
  const options = {
    schemas: [{ tableName: "people", partitionKey: "id", attributes: { email: "ENCRYPT_AND_SIGN" }, algorithmSuite: "HMAC" }],
    keyring: rawAesKeyring({ keyNamespace: "sdk", keyName: "matrix", wrappingKey: new Uint8Array(32) }),
  };
  const put = (Item) => ({ TableName: "people", Item });
  const low_ = { id: { S: "1" }, email: { S: secret } };
  const native = { id: "1", email: secret };
  const attempts = {
    DynamoDBClient: () => encryptedClient(new low.DynamoDBClient(config), options).send(new low.PutItemCommand(put(low_))),
    DynamoDB: () => encryptedClient(new low.DynamoDB(config), options).putItem(put(low_)),
    DynamoDBDocumentClient: () =>
      encryptedClient(documents.DynamoDBDocumentClient.from(new low.DynamoDBClient(config)), options).send(
        new documents.PutCommand(put(native)),
      ),
    DynamoDBDocument: () => encryptedClient(documents.DynamoDBDocument.from(new low.DynamoDBClient(config)), options).put(put(native)),
    // Reads before it writes, and watches the SDK's attempts by a step of the command.
    update: () =>
      encryptedClient(new low.DynamoDBClient(config), options).send(
        new low.UpdateItemCommand({
          ...{ TableName: "people", Key: { id: low_.id }, UpdateExpression: "SET email = :e" },
          ExpressionAttributeValues: { ":e": low_.email },
        }),
      ),
  };
  const results = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    const before = bodies.length;
    try {
      await attempt();
      const sent = bodies.slice(before).join("");
      results[name] = sent.includes("aws_dbe_head") && sent.includes("aws_dbe_foot") ? "encrypted" : "sent something else";
    } catch (error) {
      results[name] = bodies.length === before ? (error.code ?? String(error)) : `failed after sending: ${error}`;
    }
  }
  const spans = tracer?.finish();
  console.log(
    JSON.stringify({
      results,
      plaintextSent: bodies.some((body) => body.includes(secret)),
      spans,
      plaintextTraced: JSON.stringify(spans ?? "").includes(secret),
    }),
  );
  server.close();
  server.closeAllConnections();
});

/** OpenTelemetry's instrumentation with the statement serializer on, in the fixtures that install it. */
function startTracer() {
  let sdk;
  try {
    sdk = { ...require("@opentelemetry/instrumentation-aws-sdk"), ...require("@opentelemetry/sdk-trace-base") };
  } catch {
    return undefined;
  }
  const exporter = new sdk.InMemorySpanExporter();
  const statements = [];
  const instrumentation = new sdk.AwsInstrumentation({
    dynamoDBStatementSerializer: (operation, input) => {
      statements.push(`${operation} ${JSON.stringify(input)}`);
      return statements.at(-1);
    },
  });
  instrumentation.setTracerProvider(new sdk.BasicTracerProvider({ spanProcessors: [new sdk.SimpleSpanProcessor(exporter)] }));
  return {
    finish: () => ({
      statements,
      spans: exporter.getFinishedSpans().map(({ name, attributes, status, events }) => ({ name, attributes, status, events })),
    }),
  };
}
