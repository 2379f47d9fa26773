import type { AttributeMap } from "../../../src/attributes/index.ts";
import { itemFromJson, type JsonItem } from "../dynamodb-json.ts";

/** One write, as the table's stream tells it. */
export interface StreamRecord {
  readonly event: "INSERT" | "MODIFY" | "REMOVE";
  readonly previous: AttributeMap | undefined;
  readonly next: AttributeMap | undefined;
}

interface Described {
  readonly StreamDescription: { readonly Shards: readonly { readonly ShardId: string }[] };
}
interface Records {
  readonly NextShardIterator?: string;
  readonly Records: readonly {
    readonly eventName: StreamRecord["event"];
    readonly dynamodb: { readonly OldImage?: JsonItem; readonly NewImage?: JsonItem };
  }[];
}

/**
 * Every write to a table of DynamoDB Local whose stream shows old and new images, those of one item in their order. The SDK's
 * client for streams is a package of its own; three requests are all that is needed of it.
 */
export async function streamRecords(options: {
  readonly endpoint: string;
  readonly account: string;
  readonly streamArn: string;
}): Promise<readonly StreamRecord[]> {
  const { endpoint, account, streamArn: StreamArn } = options;

  async function ask<Answer>(operation: string, input: object): Promise<Answer> {
    const headers = {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDBStreams_20120810.${operation}`,
      // DynamoDB Local checks no signature; it takes account and Region from here.
      authorization: `AWS4-HMAC-SHA256 Credential=${account}/20250101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
      "x-amz-date": "20250101T000000Z",
    };
    const response = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(input) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${operation}: ${text}`);
    return JSON.parse(text) as Answer;
  }

  const { StreamDescription } = await ask<Described>("DescribeStream", { StreamArn });
  const records: StreamRecord[] = [];
  for (const { ShardId } of StreamDescription.Shards) {
    const first = await ask<{ ShardIterator: string }>("GetShardIterator", { StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" });
    let iterator: string | undefined = first.ShardIterator;
    while (iterator !== undefined) {
      const page: Records = await ask("GetRecords", { ShardIterator: iterator });
      for (const { eventName, dynamodb } of page.Records) {
        const { OldImage, NewImage } = dynamodb;
        records.push({ event: eventName, previous: OldImage && itemFromJson(OldImage), next: NewImage && itemFromJson(NewImage) });
      }
      // An open shard always has a next iterator; an empty page is its end so far.
      iterator = page.Records.length === 0 ? undefined : page.NextShardIterator;
    }
  }
  return records;
}
