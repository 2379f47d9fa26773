import type { AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as low from "@aws-sdk/client-dynamodb";
import * as documents from "@aws-sdk/lib-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { commandOf, documentName, mapItems, type Native, type Sender } from "../dialects.ts";
import type { Answer } from "./outcome.ts";
import type { OperationRequests, RequestInput } from "./requests.ts";

/** One of the two tables that are compared, with the client that speaks to it. */
export interface Side {
  readonly tableName: string;
  readonly client: DynamoDBClient;
  readonly documents: DynamoDBDocumentClient;
}

export function sideOf(tableName: string, client: DynamoDBClient): Side {
  return {
    tableName,
    client,
    documents: DynamoDBDocumentClient.from(client, { unmarshallOptions: { wrapNumbers: true } }),
  };
}

/** More pages than that tell of a page that leads to itself. */
const maximumPages = 40;

/** What one request came to. */
export type Result = { readonly answer: Answer } | { readonly error: Error };

/** Every answer up to the last page, or up to the first error. */
export async function run(
  side: Side,
  { operation, inputs, paged }: OperationRequests,
  throughDocuments: boolean,
): Promise<readonly Result[]> {
  const send = throughDocuments ? sendDocument : sendLow;
  const results: Result[] = [];
  for (const input of inputs) {
    let start: Answer["LastEvaluatedKey"];
    let pages = 0;
    do {
      const page = start === undefined ? input : { ...input, ExclusiveStartKey: start };
      const result = await attempt(() => send(side, operation, page));
      results.push(result);
      start = paged && "answer" in result ? result.answer.LastEvaluatedKey : undefined;
    } while (start !== undefined && ++pages < maximumPages);
  }
  return results;
}

async function attempt(send: () => Promise<Answer>): Promise<Result> {
  try {
    return { answer: await send() };
  } catch (error) {
    if (error instanceof Error) return { error };
    throw error;
  }
}

async function sendLow({ client }: Side, operation: string, input: RequestInput): Promise<Answer> {
  const Command = commandOf(low, operation);
  return (client as unknown as Sender).send(new Command(input));
}

type Map = Record<string, AttributeValue>;

/** The same request in native values, and its answer back in AttributeValues. */
async function sendDocument({ documents: client }: Side, operation: string, input: RequestInput): Promise<Answer> {
  const Command = commandOf(documents, documentName(operation));
  const native = mapItems(input, (map) => unmarshall(map as Map, { wrapNumbers: true })) as Native;
  // The options of an encrypted request stand under symbols.
  const options = Object.fromEntries(Object.getOwnPropertySymbols(input).map((symbol) => [symbol, Reflect.get(input, symbol)]));
  const answer = await (client as unknown as Sender).send(new Command({ ...native, ...options }));
  const { $metadata: _, ...members } = answer;
  return mapItems(members, (map) => marshall(map)) as Answer;
}
