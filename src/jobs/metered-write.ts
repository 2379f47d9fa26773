import { type ConsumedCapacity, type DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../attributes/index.ts";
import type { OperationCall } from "../tables/index.ts";
import { writeUnits } from "./page-measures.ts";
import type { UnitBucket } from "./unit-bucket.ts";

/**
 * Writes an item when the bucket lets it. What it costs is estimated beforehand, by the row, and put right by what the
 * service says it cost: the encrypted item is larger, indexes cost too, and a lost race is paid for as well.
 */
export async function meteredWrite<Result>(
  bucket: UnitBucket,
  row: AttributeMap,
  call: OperationCall,
  write: (metered: OperationCall) => Promise<Result>,
): Promise<Result> {
  const estimate = writeUnits(row);
  await bucket.take(estimate, call.keyring.signal);
  let consumed = 0;
  const send = (async (command: Parameters<DynamoDBClient["send"]>[0]) => {
    const isWrite = command instanceof UpdateItemCommand || command instanceof PutItemCommand;
    try {
      const output = await call.send(command);
      const { ConsumedCapacity } = output as { readonly ConsumedCapacity?: ConsumedCapacity | undefined };
      if (isWrite) consumed += ConsumedCapacity?.CapacityUnits ?? estimate;
      return output;
    } catch (error) {
      // A condition that does not hold costs what the item that is there weighs; the error does not say.
      if (isWrite) consumed += estimate;
      throw error;
    }
  }) as unknown as OperationCall["send"];
  try {
    return await write({ ...call, send });
  } finally {
    bucket.spend(consumed - estimate);
  }
}
