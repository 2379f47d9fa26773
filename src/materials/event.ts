import { channel } from "node:diagnostics_channel";

/** A plain item was read, as the schema's `plaintextOverride` lets it be. */
export interface PlaintextReadEvent {
  readonly type: "plaintext-read";
  /** The logical table name. */
  readonly tableName: string;
}

/** An item was written in plain. */
export interface PlaintextWriteEvent {
  readonly type: "plaintext-write";
  /** The logical name of a protected table, the physical name (or the ARN, as the request gave it) of a plain one. */
  readonly tableName: string;
  /** `"schema"`: its `plaintextOverride` says so. `"plain-table"`: the option `plainTables` says so. */
  readonly reason: "schema" | "plain-table";
  /** Whether the item that it took the place of was an encrypted one; told where the service returns the old item. */
  readonly replacedEncrypted?: true | undefined;
}

/** Another Region's KMS serves. */
export interface KmsFailoverEvent {
  readonly type: "kms-failover";
  readonly from: string;
  readonly to: string;
  readonly reason: "unreachable" | "throttled" | "recovered";
}

/** An item under the HMAC suite was read although the schema writes ECDSA, and does not say that it accepts nothing less. */
export interface WeakerSuiteReadEvent {
  readonly type: "weaker-suite-read";
  readonly tableName: string;
  /** Such as `"0x6700"`. */
  readonly algorithmSuiteId: string;
}

/** An item could not be decrypted, and the request went on without it (`onUndecryptable: "collect"`). */
export interface ItemUndecryptableEvent {
  readonly type: "item-undecryptable";
  readonly tableName: string;
  /** Of the error, such as `"ERR_NOT_AUTHENTIC"`. */
  readonly code: string;
}

/** A value computed from an encrypted attribute was stored readable, as the request's `disclose` allowed. */
export interface AttributeDisclosedEvent {
  readonly type: "attribute-disclosed";
  readonly tableName: string;
  /** The readable attribute that was written. */
  readonly attribute: string;
  /** The encrypted attribute that its value was computed from. */
  readonly from: string;
}

/** A fact for operators and auditors. Never holds a value or key bytes. */
export type DynasealEvent =
  | PlaintextReadEvent
  | PlaintextWriteEvent
  | KmsFailoverEvent
  | WeakerSuiteReadEvent
  | ItemUndecryptableEvent
  | AttributeDisclosedEvent;

/** Receives events. */
export type EventListener = (event: DynasealEvent) => void;

/** The name of the diagnostics channel that carries what `onEvent` is told, as the same objects. */
export const eventChannelName = "dynaseal.event";

const events = channel(eventChannelName);

/** The application's `onEvent` and the diagnostics channel `dynaseal.event`, as one listener. */
export function eventListener(onEvent: EventListener | undefined): EventListener {
  return (event) => {
    events.publish(event);
    onEvent?.(event);
  };
}
