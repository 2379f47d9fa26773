import { type AttributeMap, itemToDynamoDbJson } from "../../../src/index.ts";

/** What the table wrote into its stream. */
export interface Written {
  readonly eventName: "INSERT" | "MODIFY" | "REMOVE";
  readonly keys: AttributeMap;
  readonly oldImage?: AttributeMap | undefined;
  readonly newImage?: AttributeMap | undefined;
  readonly sequenceNumber: string;
  /** Seconds since 1970. */
  readonly seconds?: number;
  readonly viewType?: "KEYS_ONLY" | "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES";
  /** Deleted by time to live. */
  readonly expired?: boolean;
  readonly eventID?: string;
}

/** The same records as each source delivers them; everything went through JSON, but for what an SDK hands out. */
export interface EventShape {
  readonly name: string;
  readonly event: (records: readonly Written[]) => unknown;
  /** What the answer of a batch calls a record. */
  readonly identifier: (record: Written) => string;
}

const streamArn = "arn:aws:dynamodb:eu-west-1:111122223333:table/customers-prod-7/stream/2026-11-25T00:00:00.000";
const kinesisArn = "arn:aws:kinesis:eu-west-1:111122223333:stream/customers";

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html "Example DynamoDB Streams record event" */
function lambdaRecord(record: Written): object {
  const { eventName, keys, oldImage, newImage, sequenceNumber, seconds = 1_764_000_000, viewType = "NEW_AND_OLD_IMAGES" } = record;
  return {
    eventID: eventId(record),
    eventName,
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: "eu-west-1",
    dynamodb: {
      ApproximateCreationDateTime: seconds,
      Keys: itemToDynamoDbJson(keys),
      ...(newImage && { NewImage: itemToDynamoDbJson(newImage) }),
      ...(oldImage && { OldImage: itemToDynamoDbJson(oldImage) }),
      SequenceNumber: sequenceNumber,
      SizeBytes: 112,
      StreamViewType: viewType,
    },
    ...(record.expired && { userIdentity: { principalId: "dynamodb.amazonaws.com", type: "Service" } }),
    eventSourceARN: streamArn,
  };
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html */
function sdkRecord(record: Written): object {
  const { eventName, keys, oldImage, newImage, sequenceNumber, seconds = 1_764_000_000, viewType = "NEW_AND_OLD_IMAGES" } = record;
  return {
    eventID: eventId(record),
    eventName,
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: "eu-west-1",
    dynamodb: {
      ApproximateCreationDateTime: new Date(seconds * 1000),
      Keys: keys,
      NewImage: newImage,
      OldImage: oldImage,
      SequenceNumber: sequenceNumber,
      SizeBytes: 112,
      StreamViewType: viewType,
    },
    userIdentity: record.expired ? { PrincipalId: "dynamodb.amazonaws.com", Type: "Service" } : undefined,
  };
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_gettingstarted.html */
function kinesisText(record: Written, precision: "MILLISECOND" | "MICROSECOND"): string {
  const { eventName, keys, oldImage, newImage, seconds = 1_764_000_000 } = record;
  return JSON.stringify({
    awsRegion: "eu-west-1",
    eventID: eventId(record),
    eventName,
    userIdentity: record.expired ? { principalId: "dynamodb.amazonaws.com", type: "Service" } : null,
    recordFormat: "application/json",
    tableName: "customers-prod-7",
    dynamodb: {
      ApproximateCreationDateTime: precision === "MICROSECOND" ? seconds * 1e6 + 7 : seconds * 1000,
      Keys: itemToDynamoDbJson(keys),
      ...(newImage && { NewImage: itemToDynamoDbJson(newImage) }),
      ...(oldImage && { OldImage: itemToDynamoDbJson(oldImage) }),
      SizeBytes: 112,
      ...(precision === "MICROSECOND" && { ApproximateCreationDateTimePrecision: precision }),
    },
    eventSource: "aws:dynamodb",
  });
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html */
function kinesisFields(record: Written, precision: "MILLISECOND" | "MICROSECOND"): object {
  return {
    kinesisSchemaVersion: "1.0",
    partitionKey: "0A1B",
    sequenceNumber: record.sequenceNumber,
    data: Buffer.from(kinesisText(record, precision)).toString("base64"),
    approximateArrivalTimestamp: 1_764_000_000.5,
  };
}

function kinesisSource(record: Written): object {
  return {
    eventSource: "aws:kinesis",
    eventVersion: "1.0",
    eventID: `shardId-000000000006:${record.sequenceNumber}`,
    eventName: "aws:kinesis:record",
    invokeIdentityArn: "arn:aws:iam::111122223333:role/reader",
    awsRegion: "eu-west-1",
    eventSourceARN: kinesisArn,
  };
}

function eventId({ eventID, sequenceNumber }: Written): string {
  return eventID ?? `e${sequenceNumber}`;
}

const json = (event: unknown): unknown => JSON.parse(JSON.stringify(event));
const sequenceNumber = (record: Written): string => record.sequenceNumber;

export const dynamoDbStreams: EventShape = {
  name: "DynamoDB Streams, Lambda",
  event: (records) => json({ Records: records.map(lambdaRecord) }),
  identifier: sequenceNumber,
};

export const kinesis: EventShape = {
  name: "Kinesis, Lambda, milliseconds",
  event: (records) =>
    json({ Records: records.map((record) => ({ kinesis: kinesisFields(record, "MILLISECOND"), ...kinesisSource(record) })) }),
  identifier: sequenceNumber,
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dynamodb.html */
export const pipe: EventShape = {
  name: "DynamoDB Streams, EventBridge Pipes",
  event: (records) => json(records.map(lambdaRecord)),
  identifier: eventId,
};

export const eventShapes: readonly EventShape[] = [
  dynamoDbStreams,
  {
    name: "DynamoDB Streams, GetRecords",
    event: (records) => ({ NextShardIterator: "AAAA", Records: records.map(sdkRecord) }),
    identifier: sequenceNumber,
  },
  kinesis,
  {
    name: "Kinesis, Lambda, microseconds",
    event: (records) =>
      json({ Records: records.map((record) => ({ kinesis: kinesisFields(record, "MICROSECOND"), ...kinesisSource(record) })) }),
    identifier: sequenceNumber,
  },
  {
    name: "Kinesis, GetRecords",
    event: (records) => ({
      MillisBehindLatest: 0,
      Records: records.map((record) => ({
        Data: new Uint8Array(Buffer.from(kinesisText(record, "MILLISECOND"))),
        PartitionKey: "0A1B",
        SequenceNumber: record.sequenceNumber,
        ApproximateArrivalTimestamp: new Date(1_764_000_000_500),
      })),
    }),
    identifier: sequenceNumber,
  },
  pipe,
  {
    // A pipe lays the fields of a Kinesis record and of its source side by side.
    name: "Kinesis, EventBridge Pipes",
    event: (records) => json(records.map((record) => ({ ...kinesisFields(record, "MILLISECOND"), ...kinesisSource(record) }))),
    identifier: (record) => `shardId-000000000006:${record.sequenceNumber}`,
  },
];
