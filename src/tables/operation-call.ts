import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { KeyringCall } from "../materials/index.ts";
import type { ClientState } from "./client-state.ts";
import type { ItemWork } from "./item-work.ts";
import type { OperationOptions } from "./request-options.ts";
import type { Role } from "./role.ts";

/** What one request of the application gives to its operation. */
export interface OperationCall {
  readonly state: ClientState;
  readonly role: Role | undefined;
  /** The request's own, over the client's. */
  readonly options: OperationOptions;
  /** Region, abort, bound and events for every keyring call of this request. */
  readonly keyring: KeyringCall;
  /** Bounds how many items are encrypted or decrypted at once, and lets the event loop turn. */
  readonly work: ItemWork;
  /** Sends a low-level command through the wrapped client, with the options of the application's `send`. */
  readonly send: DynamoDBClient["send"];
}

/** One DynamoDB operation on AttributeValues: what the application asked in, what it is answered out. */
export type Operation<Input, Output> = (input: Input, call: OperationCall) => Promise<Output>;
