import { invalidArgument } from "../errors/index.ts";

/** The records of an event, in its order. */
export interface StreamEvent {
  readonly envelopes: readonly Envelope[];
  /**
   * What a batch answer has to name where the record at `index` is the first that failed.
   *
   * - Lambda takes sequence numbers and delivers again from the lowest one.
   * - EventBridge Pipes takes `eventID`s and speaks of the events that are to be retried, so that all of the rest is named.
   *
   * `undefined` where a record has no such identifier: an answer with another one would not mean this record.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
   * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html "Partial batch failure"
   */
  identifiersFrom(index: number): readonly string[] | undefined;
}

/** A record as its source gave it. */
export interface Envelope {
  /** DynamoDB's sequence number, or that of the Kinesis record. */
  readonly sequenceNumber: string | undefined;
  /** What holds `eventName` and `dynamodb`; for Kinesis, the text that holds them once it is decoded. */
  readonly content: { readonly kind: "record"; readonly record: unknown } | { readonly kind: "data"; readonly data: unknown };
  /** What the source says of the record beside its content. */
  readonly source: Readonly<Record<string, unknown>>;
}

const expected =
  "an event of a DynamoDB stream or a Kinesis stream for Lambda, an array of such records from EventBridge Pipes, or the answer of GetRecords";

/**
 * The records of an event, in its order, whatever brought it:
 *
 * - Lambda, and GetRecords of DynamoDB Streams: `{ Records: [{ eventName, dynamodb: { … } }] }`
 * - Lambda on Kinesis: `{ Records: [{ kinesis: { data, sequenceNumber } }] }`
 * - GetRecords of Kinesis: `{ Records: [{ Data, SequenceNumber }] }`
 * - EventBridge Pipes: an array of records, where those of Kinesis are flat: `[{ data, sequenceNumber }]`
 * - EventBridge Pipes to an event bus: `{ detail: record }`
 *
 * @throws ERR_INVALID_ARGUMENT
 */
export function streamEvent(event: unknown): StreamEvent {
  if (Array.isArray(event)) return ofPipe(event.map(envelopeOf));
  if (!isRecord(event)) throw invalidArgument("event", expected);
  if (Array.isArray(event["Records"])) return ofLambda(event["Records"].map(envelopeOf));
  if (isRecord(event["detail"])) return ofPipe([envelopeOf(event["detail"])]);
  throw invalidArgument("event", expected);
}

function ofLambda(envelopes: readonly Envelope[]): StreamEvent {
  return {
    envelopes,
    identifiersFrom(index) {
      const first = envelopes[index]?.sequenceNumber;
      return first === undefined ? undefined : [first];
    },
  };
}

function ofPipe(envelopes: readonly Envelope[]): StreamEvent {
  return {
    envelopes,
    identifiersFrom(index) {
      const rest = envelopes.slice(index).map(({ source }) => identifier(source["eventID"]));
      const known = rest.filter((id) => id !== undefined);
      return known.length === rest.length ? known : undefined;
    },
  };
}

function envelopeOf(record: unknown): Envelope {
  const source = isRecord(record) ? record : {};
  const { kinesis, dynamodb } = source;
  if (isRecord(kinesis))
    return { sequenceNumber: identifier(kinesis["sequenceNumber"]), content: { kind: "data", data: kinesis["data"] }, source };
  if (Object.hasOwn(source, "Data")) {
    return { sequenceNumber: identifier(source["SequenceNumber"]), content: { kind: "data", data: source["Data"] }, source };
  }
  if (Object.hasOwn(source, "data")) {
    return { sequenceNumber: identifier(source["sequenceNumber"]), content: { kind: "data", data: source["data"] }, source };
  }
  const sequenceNumber = isRecord(dynamodb) ? identifier(dynamodb["SequenceNumber"]) : undefined;
  return { sequenceNumber, content: { kind: "record", record }, source };
}

/** Numbers and identifiers of AWS; anything else would only be a way into a log. */
export function identifier(value: unknown): string | undefined {
  return typeof value === "string" && /^[\w.:/-]{1,256}$/.test(value) ? value : undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
