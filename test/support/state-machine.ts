/** The part of Amazon States Language that the workflows of `examples/` are made of. */
export interface StateMachine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Parameters?: { readonly Payload: Json };
  readonly ResultSelector?: Json;
  readonly ResultPath?: null;
  readonly ItemsPath?: string;
  readonly MaxConcurrency?: number;
  readonly ToleratedFailurePercentage?: number;
  readonly ItemProcessor?: StateMachine;
  readonly Choices?: readonly { readonly Variable: string; readonly BooleanEquals: boolean; readonly Next: string }[];
  readonly Default?: string;
}

type Json = Readonly<Record<string, unknown>>;

/** What an execution did. */
export interface Execution {
  readonly status: "SUCCEEDED" | "FAILED";
  readonly output: unknown;
  /** Input and output of every state, those of the maps' children included, as an execution history shows them. */
  readonly history: readonly string[];
}

/**
 * Runs a workflow, handing every call of the Lambda function to `call`.
 *
 * @throws for what a definition of this part does not have
 */
export async function execute(machine: StateMachine, input: Json, call: (payload: Json) => Promise<unknown>): Promise<Execution> {
  const history: string[] = [];
  try {
    return { status: "SUCCEEDED", output: await runStates(machine, input, { call, history }), history };
  } catch (error) {
    history.push(String(error));
    return { status: "FAILED", output: undefined, history };
  }
}

interface Running {
  readonly call: (payload: Json) => Promise<unknown>;
  readonly history: string[];
}

async function runStates({ StartAt, States }: StateMachine, input: Json, running: Running): Promise<Json> {
  let [name, data]: [string | undefined, Json] = [StartAt, input];
  while (name !== undefined) {
    const state: State | undefined = States[name];
    if (state === undefined) throw new Error(`There is no state ${name}.`);
    running.history.push(JSON.stringify({ name, input: data }));
    if (state.Type === "Succeed") return data;
    if (state.Type === "Choice") name = choice(state, data);
    else {
      const result = state.Type === "Map" ? await runMap(state, data, running) : await runTask(state, data, running);
      data = state.ResultPath === null ? data : result;
      name = state.Next;
    }
    running.history.push(JSON.stringify({ output: data }));
  }
  return data;
}

async function runTask({ Type, Parameters, ResultSelector }: State, data: Json, { call }: Running): Promise<Json> {
  if (Type !== "Task" || Parameters === undefined) throw new Error(`No state of type ${Type}.`);
  const Payload = JSON.parse(JSON.stringify(await call(filled(Parameters.Payload, data))));
  return ResultSelector === undefined ? { Payload } : filled(ResultSelector, { Payload });
}

/** A child that fails does not stop the others, if so many are tolerated. */
async function runMap(state: State, data: Json, running: Running): Promise<Json> {
  const { ItemsPath = "", ItemProcessor, MaxConcurrency = 1, ToleratedFailurePercentage = 0 } = state;
  const items = valueAt(data, ItemsPath) as readonly Json[];
  if (ItemProcessor === undefined) throw new Error("A map without a processor.");
  let failed = 0;
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await runStates(ItemProcessor, item, running).catch((error: unknown) => {
        running.history.push(String(error));
        failed++;
      });
    }
  };
  await Promise.all(Array.from({ length: MaxConcurrency }, worker));
  if ((failed / items.length) * 100 > ToleratedFailurePercentage) throw new Error("States.ExceedToleratedFailureThreshold");
  return {};
}

function choice({ Choices = [], Default }: State, data: Json): string {
  const next = Choices.find(({ Variable, BooleanEquals }) => valueAt(data, Variable) === BooleanEquals)?.Next ?? Default;
  if (next === undefined) throw new Error("States.NoChoiceMatched");
  return next;
}

function filled(template: Json, data: Json): Json {
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) =>
      name.endsWith(".$") ? [name.slice(0, -2), valueAt(data, String(value))] : [name, value],
    ),
  );
}

function valueAt(data: Json, path: string): unknown {
  const [root, ...names] = path.split(".");
  if (root !== "$") throw new Error(`No path ${path}.`);
  return names.reduce<unknown>((value, name) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) throw new Error(`States.Runtime: nothing at ${path}`);
    return (value as Json)[name];
  }, data);
}
