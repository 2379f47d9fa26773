import { type AttributeMap, attributesFromJson, base64Binary } from "../attributes/index.ts";
import { decodeUtf8, fromBase64 } from "../bytes/index.ts";
import { DynasealError } from "../errors/index.ts";
import { type Envelope, identifier, isRecord } from "./stream-event.ts";

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html */
export type StreamEventName = "INSERT" | "MODIFY" | "REMOVE";

/** Who changed the item, where that was not the application. */
export interface StreamUserIdentity {
  /** `dynamodb.amazonaws.com` for items that expired. */
  readonly principalId: string | undefined;
  /** `Service` for items that expired. */
  readonly type: string | undefined;
}

/** What a record says apart from its images. */
export interface StreamRecord {
  readonly eventName: StreamEventName;
  /** The same for each delivery of a record: for a handler that wants to do nothing twice. */
  readonly eventId: string | undefined;
  /** Names the record in a batch answer. Of Kinesis records it is Kinesis's own, which says nothing of the order of changes. */
  readonly sequenceNumber: string | undefined;
  /** When the change was made, to about a second in DynamoDB Streams. Order changes of one item by it when they come from Kinesis. */
  readonly approximateCreationDateTime: Date | undefined;
  /** The same in microseconds since 1970, which Kinesis records may have and a `Date` cannot hold. */
  readonly approximateCreationMicros: number | undefined;
  /** The physical table, which Kinesis records name. */
  readonly physicalTableName: string | undefined;
  readonly awsRegion: string | undefined;
  readonly eventSourceArn: string | undefined;
  readonly streamViewType: string | undefined;
  readonly userIdentity: StreamUserIdentity | undefined;
  /** Whether time to live deleted the item. In the other Regions of a Global Table such a record looks like any deletion. */
  readonly expired: boolean;
}

/** A record with its images as they are stored. */
export interface StoredStreamRecord {
  readonly record: StreamRecord;
  readonly keys: AttributeMap;
  readonly oldImage: AttributeMap | undefined;
  readonly newImage: AttributeMap | undefined;
}

const eventNames: ReadonlySet<unknown> = new Set<StreamEventName>(["INSERT", "MODIFY", "REMOVE"]);

/**
 * Reads one record. Binary is base64 text where the record came as JSON, and bytes where the SDK gave it.
 *
 * @throws ERR_STREAM_RECORD_MALFORMED; ERR_ATTRIBUTE_NOT_SERIALIZABLE, ERR_NUMBER_INVALID, ERR_LIMIT_EXCEEDED for an image
 */
export function readStreamRecord(envelope: Envelope): StoredStreamRecord {
  const { sequenceNumber, source } = envelope;
  const record = contentOf(envelope);
  const { eventName, dynamodb } = record;
  if (!isEventName(eventName)) throw malformed(envelope, "eventName is not INSERT, MODIFY or REMOVE");
  if (!isRecord(dynamodb)) throw malformed(envelope, "it has no member dynamodb");
  if (!isRecord(dynamodb["Keys"])) throw malformed(envelope, "it has no Keys");
  const userIdentity = identityOf(record["userIdentity"]);
  const approximateCreationMicros = microsOf(dynamodb);
  return {
    record: {
      eventName,
      eventId: identifier(record["eventID"]),
      sequenceNumber,
      approximateCreationDateTime: approximateCreationMicros === undefined ? undefined : new Date(approximateCreationMicros / 1000),
      approximateCreationMicros,
      physicalTableName: identifier(record["tableName"]),
      awsRegion: identifier(record["awsRegion"]) ?? identifier(source["awsRegion"]),
      eventSourceArn: identifier(source["eventSourceARN"]) ?? identifier(record["eventSourceARN"]),
      streamViewType: identifier(dynamodb["StreamViewType"]),
      userIdentity,
      expired: eventName === "REMOVE" && userIdentity?.type === "Service" && userIdentity.principalId === "dynamodb.amazonaws.com",
    },
    keys: attributesFromJson(dynamodb["Keys"], binaryOf),
    oldImage: imageOf(envelope, dynamodb["OldImage"]),
    newImage: imageOf(envelope, dynamodb["NewImage"]),
  };
}

function contentOf(envelope: Envelope): Readonly<Record<string, unknown>> {
  const { content } = envelope;
  const record = content.kind === "record" ? content.record : dataOf(envelope, content.data);
  if (!isRecord(record)) throw malformed(envelope, "it is not an object");
  return record;
}

/** Kinesis carries the record as UTF-8 JSON, which Lambda and Pipes put into base64. */
function dataOf(envelope: Envelope, data: unknown): unknown {
  const bytes = typeof data === "string" ? fromBase64(data) : data;
  const text = bytes instanceof Uint8Array ? decodeUtf8(bytes) : undefined;
  if (text === undefined) throw malformed(envelope, "its data is not UTF-8 in base64");
  try {
    return JSON.parse(text);
  } catch {
    // Without the parser's own message, which quotes the text.
    throw malformed(envelope, "its data is not JSON");
  }
}

function imageOf(envelope: Envelope, image: unknown): AttributeMap | undefined {
  if (image === undefined || image === null) return undefined;
  if (!isRecord(image)) throw malformed(envelope, "an image is not an object");
  return attributesFromJson(image, binaryOf);
}

function binaryOf(content: unknown): Uint8Array | undefined {
  return content instanceof Uint8Array ? content : base64Binary(content);
}

function identityOf(identity: unknown): StreamUserIdentity | undefined {
  if (!isRecord(identity)) return undefined;
  return {
    principalId: identifier(identity["principalId"]) ?? identifier(identity["PrincipalId"]),
    type: identifier(identity["type"]) ?? identifier(identity["Type"]),
  };
}

/** Factors to microseconds, of what `ApproximateCreationDateTimePrecision` names. */
const precisions: ReadonlyMap<unknown, number> = new Map([
  ["MICROSECOND", 1],
  ["MILLISECOND", 1000],
]);

/**
 * The SDK gives a date; Lambda gives seconds; Kinesis gives milliseconds or microseconds, and not always says which. The
 * sizes of the three do not meet between the years 1973 and 5138.
 */
function microsOf(dynamodb: Readonly<Record<string, unknown>>): number | undefined {
  const time = dynamodb["ApproximateCreationDateTime"];
  if (time instanceof Date) return Number.isNaN(time.getTime()) ? undefined : time.getTime() * 1000;
  if (typeof time !== "number" || !Number.isFinite(time) || time < 0 || time > Number.MAX_SAFE_INTEGER) return undefined;
  const factor = precisions.get(dynamodb["ApproximateCreationDateTimePrecision"]) ?? (time < 1e11 ? 1e6 : time < 1e14 ? 1000 : 1);
  return Math.round(time * factor);
}

function isEventName(value: unknown): value is StreamEventName {
  return eventNames.has(value);
}

function malformed({ sequenceNumber }: Envelope, reason: string): DynasealError {
  return new DynasealError("ERR_STREAM_RECORD_MALFORMED", {
    details: sequenceNumber === undefined ? { reason } : { reason, sequenceNumber },
  });
}
