/** What an object does on its own, one operation after the other. */
export interface Model<State, Operation> {
  readonly initial: State;
  /** The state after the operation; `undefined` where it cannot have been answered as it was in this state. */
  step(state: State, operation: Operation): State | undefined;
  /** The same text for equal states, another for others. */
  keyOf(state: State): string;
}

/** An operation with the moments between which it took effect; no two moments of a history are equal. */
export interface Recorded<Operation> {
  readonly operation: Operation;
  readonly invoked: number;
  /** `undefined`: nobody knows whether it took effect, or will. */
  readonly returned: number | undefined;
}

export interface Verdict<Operation> {
  readonly linearizable: boolean;
  /** How many pairs of a set of operations and a state were looked at. */
  readonly visited: number;
  /** The longest order that was found; where `linearizable`, of every operation that returned. */
  readonly order: readonly Operation[];
}

/** Far above what histories of some hundred operations take; beyond it the search would not end in a test's time. */
const maximumVisited = 5_000_000;

/** What stands before a moment: another one, or the head of the list. */
interface Place<Operation> {
  next: Moment<Operation> | undefined;
}

/** A moment of the history, in a list from which operations are lifted and into which they are put back. */
interface Moment<Operation> extends Place<Operation> {
  readonly id: number;
  readonly operation: Operation;
  /** Defined at the moment of the call, where the operation returned. */
  returned: Moment<Operation> | undefined;
  readonly kind: "call" | "return";
  previous: Place<Operation>;
}

/**
 * Whether the operations can be put in one order that each answer agrees with and in which none is before another that
 * returned before it was called. Exact: the search of Wing and Gong with Lowe's memory of what has been tried. An operation that
 * never returned may be anywhere after its call, or nowhere.
 */
export function checkLinearizable<State, Operation>(
  model: Model<State, Operation>,
  history: readonly Recorded<Operation>[],
): Verdict<Operation> {
  const head = momentsOf(history);
  const done: { readonly call: Moment<Operation>; readonly before: State }[] = [];
  const seen = new Set<string>();
  let state = model.initial;
  let taken = 0n;
  let open = history.filter(({ returned }) => returned !== undefined).length;
  let order: readonly Operation[] = [];
  let moment = head.next;
  while (open > 0) {
    if (moment === undefined) throw new Error("a moment of return is missing");
    const after: State | undefined = moment.kind === "call" ? model.step(state, moment.operation) : undefined;
    if (after !== undefined && isNew(seen, taken | (1n << BigInt(moment.id)), model.keyOf(after))) {
      if (seen.size > maximumVisited) throw new Error(`no verdict after ${maximumVisited} states: shorten the history`);
      done.push({ call: moment, before: state });
      if (done.length > order.length) order = done.map(({ call }) => call.operation);
      state = after;
      taken |= 1n << BigInt(moment.id);
      if (moment.returned !== undefined) open--;
      lift(moment);
      moment = head.next;
    } else if (moment.kind === "call") {
      moment = moment.next;
    } else {
      // Whoever returns here has to be in the order already: the last choice was wrong.
      const last = done.pop();
      if (last === undefined) return { linearizable: false, visited: seen.size, order };
      state = last.before;
      taken &= ~(1n << BigInt(last.call.id));
      if (last.call.returned !== undefined) open++;
      putBack(last.call);
      moment = last.call.next;
    }
  }
  return { linearizable: true, visited: seen.size, order: done.map(({ call }) => call.operation) };
}

function isNew(seen: Set<string>, taken: bigint, state: string): boolean {
  const key = `${taken.toString(36)} ${state}`;
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

/** The moments in order, after a head that is none. */
function momentsOf<Operation>(history: readonly Recorded<Operation>[]): Place<Operation> {
  const head: Place<Operation> = { next: undefined };
  const moments: { readonly at: number; readonly moment: Moment<Operation> }[] = [];
  for (const [id, { operation, invoked, returned }] of history.entries()) {
    const call: Moment<Operation> = { id, operation, kind: "call", returned: undefined, previous: head, next: undefined };
    moments.push({ at: invoked, moment: call });
    if (returned === undefined) continue;
    call.returned = { ...call, kind: "return" };
    moments.push({ at: returned, moment: call.returned });
  }
  moments.sort((a, b) => a.at - b.at);
  let last = head;
  for (const { moment } of moments) {
    moment.previous = last;
    last.next = moment;
    last = moment;
  }
  return head;
}

function lift<Operation>(call: Moment<Operation>): void {
  for (const moment of [call, call.returned]) {
    if (moment === undefined) continue;
    moment.previous.next = moment.next;
    if (moment.next !== undefined) moment.next.previous = moment.previous;
  }
}

/** In the reverse order, so that each finds the neighbours that it left. */
function putBack<Operation>(call: Moment<Operation>): void {
  for (const moment of [call.returned, call]) {
    if (moment === undefined) continue;
    moment.previous.next = moment;
    if (moment.next !== undefined) moment.next.previous = moment;
  }
}
