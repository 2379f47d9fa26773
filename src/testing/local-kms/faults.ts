import { setTimeout as sleep } from "node:timers/promises";
import { invalidArgument } from "../../errors/index.ts";
import type { LocalKey } from "./key-family.ts";
import { accountId, partitionOf } from "./key-reference.ts";
import { refuse } from "./kms-exception.ts";

/** Ends the fault it came from; calling it again does nothing. */
export type LiftFault = () => void;

/** Narrows a fault. Without it the fault meets every call in the Region until it is lifted. */
export interface FaultScope {
  /** An operation such as `"Decrypt"` or `"kms:Decrypt"`; a trailing `*` stands for any rest (`"GenerateDataKey*"`). */
  readonly action?: string;
  /** Only calls signed with this access key id. */
  readonly accessKeyId?: string;
  /** Only the next so many calls: what a client's retries have to survive. */
  readonly times?: number;
}

/** Whom `faults.deny` denies what; whatever is left out is any. */
export interface DenyScope extends FaultScope {
  readonly region?: string;
  /** A key id (in every Region that has it) or a key ARN. Decrypt without KeyId is held against the blob's key. */
  readonly keyId?: string;
}

/**
 * Failures on purpose. Each function returns a function that lifts what it set; faults add up, and a fault set twice is
 * lifted twice. A fault meets the calls that arrive after it; `down` also those that are still waiting.
 *
 * @throws ERR_INVALID_ARGUMENT where the Region is not served: a misspelt fault would make a test pass for nothing.
 */
export interface LocalKmsFaults {
  /** The connection is destroyed without an answer. */
  down(region: string, scope?: FaultScope): LiftFault;
  /** No answer until the fault is lifted (then the call goes on) or the server stops. */
  hanging(region: string, scope?: FaultScope): LiftFault;
  /** ThrottlingException, 400. `ratio` (0 to 1, default 1) is the share of calls, spread evenly and not at random. */
  throttled(region: string, scope?: FaultScope & { readonly ratio?: number }): LiftFault;
  /** Each call waits for so long before it is served. */
  slow(region: string, scope: FaultScope & { readonly delayMilliseconds: number }): LiftFault;
  /** KMSInternalException (500) by default; KeyUnavailableException is 500, DependencyTimeoutException 503. */
  serverError(region: string, scope?: FaultScope & { readonly exception?: ServerErrorName }): LiftFault;
  /**
   * AccessDeniedException, 400. For ReEncrypt the actions are `ReEncryptFrom` and `ReEncryptTo`, as in IAM;
   * `ReEncrypt` and `ReEncrypt*` mean both.
   */
  deny(scope: DenyScope): LiftFault;
  /** Lifts all of them. */
  clear(): void;
}

export type ServerErrorName = "KMSInternalException" | "KeyUnavailableException" | "DependencyTimeoutException";

/** What a fault is held against. */
export interface FaultedCall {
  readonly region: string;
  readonly operation: string;
  readonly accessKeyId: string;
}

type Effect =
  | { readonly kind: "down" | "hanging" | "deny" }
  | { readonly kind: "throttled"; readonly ratio: number; calls: number }
  | { readonly kind: "slow"; readonly delayMilliseconds: number }
  | { readonly kind: "serverError"; readonly exception: ServerErrorName };

interface Fault {
  readonly effect: Effect;
  readonly scope: DenyScope;
  left: number;
  readonly lifted: AbortController;
}

/** The server's side of the faults. */
export interface FaultGate {
  readonly faults: LocalKmsFaults;
  /**
   * Holds a call as long as faults say. Returns `"no answer"` where the connection is to be destroyed, throws where a
   * fault answers. `gone` aborts when the client has left.
   */
  pass(call: FaultedCall, gone: AbortSignal): Promise<"go on" | "no answer">;
  /** Throws AccessDeniedException where a deny names this key, or this action of a call with several. */
  authorize(call: FaultedCall, key: LocalKey, action: string): void;
}

export function createFaultGate(regions: readonly string[]): FaultGate {
  const faults = new Set<Fault>();
  /** Aborts, and is renewed, whenever a Region goes down. */
  let wentDown = new AbortController();

  function add(effect: Effect, scope: DenyScope): LiftFault {
    checkScope(scope, regions);
    const fault: Fault = { effect, scope, left: scope.times ?? Number.POSITIVE_INFINITY, lifted: new AbortController() };
    faults.add(fault);
    if (effect.kind === "down") {
      wentDown.abort();
      wentDown = new AbortController();
    }
    return () => lift(fault);
  }

  function lift(fault: Fault): void {
    faults.delete(fault);
    fault.lifted.abort();
  }

  /** The first fault of the kind that meets the call; counted against its `times`. */
  function meet<Kind extends Effect["kind"]>(
    kind: Kind,
    call: FaultedCall,
    matches: (fault: Fault) => boolean = (fault) => meetsAction(fault.scope.action, call.operation),
  ): { readonly fault: Fault; readonly effect: Extract<Effect, { kind: Kind }> } | undefined {
    for (const fault of faults) {
      const { effect, scope } = fault;
      if (!isKind(effect, kind) || fault.left === 0) continue;
      if ((scope.region ?? call.region) !== call.region || (scope.accessKeyId ?? call.accessKeyId) !== call.accessKeyId) continue;
      if (!matches(fault) || (fault.effect.kind === "throttled" && !takesShare(fault.effect))) continue;
      fault.left--;
      return { fault, effect };
    }
    return undefined;
  }

  /** Waits out one fault; a Region that goes down meanwhile ends the wait. */
  async function waitOut(call: FaultedCall, gone: AbortSignal, fault: Fault, milliseconds: number): Promise<"go on" | "no answer"> {
    const end = performance.now() + milliseconds;
    for (;;) {
      await untilAborted([gone, fault.lifted.signal, wentDown.signal], end - performance.now());
      if (gone.aborted || meet("down", call) !== undefined) return "no answer";
      if (fault.lifted.signal.aborted || performance.now() >= end) return "go on";
    }
  }

  async function pass(call: FaultedCall, gone: AbortSignal): Promise<"go on" | "no answer"> {
    if (meet("down", call) !== undefined) return "no answer";
    const slow = meet("slow", call);
    if (slow !== undefined && (await waitOut(call, gone, slow.fault, slow.effect.delayMilliseconds)) === "no answer") return "no answer";
    for (let hanging = meet("hanging", call); hanging !== undefined; hanging = meet("hanging", call)) {
      if ((await waitOut(call, gone, hanging.fault, Number.POSITIVE_INFINITY)) === "no answer") return "no answer";
    }
    if (meet("throttled", call) !== undefined) {
      refuse("ThrottlingException", "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.");
    }
    const failing = meet("serverError", call);
    if (failing !== undefined) refuse(failing.effect.exception, "This failure was asked for with faults.serverError.");
    const denied = meet("deny", call, ({ scope }) => scope.keyId === undefined && meetsAction(scope.action, call.operation));
    if (denied !== undefined) deny(call, call.operation, "*");
    return "go on";
  }

  function authorize(call: FaultedCall, key: LocalKey, action: string): void {
    const denied = meet("deny", call, ({ scope }) => {
      const meetsKey = scope.keyId === undefined || scope.keyId === key.family.keyId || scope.keyId === key.arn;
      return meetsKey && (meetsAction(scope.action, action) || meetsAction(scope.action, call.operation));
    });
    if (denied !== undefined) deny(call, action, key.arn);
  }

  return {
    pass,
    authorize,
    faults: {
      down: (region, scope = {}) => add({ kind: "down" }, { ...scope, region }),
      hanging: (region, scope = {}) => add({ kind: "hanging" }, { ...scope, region }),
      throttled: (region, scope = {}) => add({ kind: "throttled", ratio: ratioOf(scope.ratio), calls: 0 }, { ...scope, region }),
      slow: (region, scope) => add({ kind: "slow", delayMilliseconds: delayOf(scope.delayMilliseconds) }, { ...scope, region }),
      serverError: (region, scope = {}) =>
        add({ kind: "serverError", exception: scope.exception ?? "KMSInternalException" }, { ...scope, region }),
      deny: (scope) => add({ kind: "deny" }, scope),
      clear: () => {
        for (const fault of [...faults]) lift(fault);
      },
    },
  };
}

function isKind<Kind extends Effect["kind"]>(effect: Effect, kind: Kind): effect is Extract<Effect, { kind: Kind }> {
  return effect.kind === kind;
}

function checkScope(scope: DenyScope, regions: readonly string[]): void {
  if (scope.region !== undefined && !regions.includes(scope.region)) {
    throw invalidArgument("region", `one of ${regions.join(", ")}`);
  }
  if (scope.times !== undefined && !(Number.isInteger(scope.times) && scope.times > 0)) {
    throw invalidArgument("times", "a positive integer");
  }
}

function ratioOf(ratio = 1): number {
  if (ratio >= 0 && ratio <= 1) return ratio;
  throw invalidArgument("ratio", "a number from 0 to 1");
}

/** Node's timers take no more. */
const longestTimer = 2 ** 31 - 1;

function delayOf(milliseconds: number): number {
  if (milliseconds >= 0 && milliseconds <= longestTimer) return milliseconds;
  throw invalidArgument("delayMilliseconds", `a number of milliseconds from 0 to ${longestTimer}`);
}

/** Call n is throttled where n × ratio passes a whole number: no luck in a test. The tiny addend absorbs rounding. */
function takesShare(effect: Extract<Effect, { kind: "throttled" }>): boolean {
  const before = Math.floor(effect.calls * effect.ratio + 1e-9);
  effect.calls++;
  return Math.floor(effect.calls * effect.ratio + 1e-9) > before;
}

function meetsAction(pattern: string | undefined, operation: string): boolean {
  if (pattern === undefined) return true;
  const action = pattern.startsWith("kms:") ? pattern.slice("kms:".length) : pattern;
  return action.endsWith("*") ? operation.startsWith(action.slice(0, -1)) : operation === action;
}

function deny(call: FaultedCall, action: string, resource: string): never {
  const user = `arn:${partitionOf(call.region)}:iam::${accountId}:user/${call.accessKeyId}`;
  return refuse(
    "AccessDeniedException",
    `User: ${user} is not authorized to perform: kms:${action} on resource: ${resource} because of an explicit deny`,
  );
}

/** Waits for the first signal, and no longer than the delay, which may be infinite. */
async function untilAborted(signals: readonly AbortSignal[], milliseconds: number): Promise<void> {
  const signal = AbortSignal.any([...signals]);
  if (signal.aborted) return;
  if (milliseconds !== Number.POSITIVE_INFINITY) return await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
