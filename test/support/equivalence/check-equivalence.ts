import { inspect } from "node:util";
import fc from "fast-check";
import { requestOptions } from "../../../src/tables/index.ts";
import { withoutInnerRemoves } from "./absent-items.ts";
import { freeAttributes, indexAttributes } from "./attribute-pool.ts";
import { differenceOf } from "./compare.ts";
import type { Operation } from "./operation.ts";
import { anyOperation, firstOperations } from "./random-operations.ts";
import { anyTable, type TableModel } from "./random-tables.ts";
import { type OperationRequests, requestsOf } from "./requests.ts";
import { run, type Side } from "./sides.ts";
import { Statistics } from "./statistics.ts";

/** Two empty tables for one scenario, and what is to hold of what they store at its end. */
export interface Sides {
  readonly reference: Side;
  readonly subject: Side;
  /** Whether the subject is an encrypted table, which may deviate where that is documented. */
  readonly encrypted: boolean;
  /** What is wrong with the stored rows, one line each. */
  complaints(): Promise<readonly string[]>;
}

export interface EquivalenceOptions {
  readonly seed: number;
  /** Where in the seed's run to begin, as a failure prints it. */
  readonly path?: string | undefined;
  /** How many operations are to run. */
  readonly operations: number;
  /** Which failing scenario to show: the first, at once, or the smallest, which takes a while to find; default that. */
  readonly show?: "first" | "smallest";
  readonly open: (model: TableModel) => Promise<Sides>;
}

export interface Scenario {
  readonly model: TableModel;
  readonly operations: readonly Operation[];
}

export function anyScenario(): fc.Arbitrary<Scenario> {
  const more = fc.array(anyOperation(), { minLength: 1, maxLength: 60, size: "max" });
  return fc
    .record({ model: anyTable(), first: firstOperations(), more })
    .map(({ model, first, more }) => ({ model, operations: [...first, ...more] }));
}

/**
 * Runs random scenarios on two tables until enough operations have run.
 *
 * @throws Error that shows the smallest scenario found in which the tables differ
 */
export async function checkEquivalence(options: EquivalenceOptions): Promise<Statistics> {
  const { seed, path, operations, show = "smallest" } = options;
  const statistics = new Statistics();
  let failed = false;
  const property = fc.asyncProperty(anyScenario(), async (scenario) => {
    if (!failed && statistics.operations >= operations) return;
    try {
      await runScenario(scenario, options, failed ? undefined : statistics);
    } catch (error) {
      failed = true;
      throw error;
    }
  });
  const details = await fc.check(property, {
    seed,
    ...(path === undefined ? {} : { path }),
    numRuns: operations,
    endOnFailure: show === "first",
  });
  if (details.failed) throw new Error(report(details));
  return statistics;
}

function report({ seed, counterexamplePath, numShrinks, errorInstance }: fc.RunDetails<[Scenario]>): string {
  const again = `EQUIVALENCE_SEED=${seed} EQUIVALENCE_PATH=${counterexamplePath}`;
  return `${errorInstance instanceof Error ? errorInstance.message : inspect(errorInstance)}\n(${again}, shrunk ${numShrinks} times)`;
}

let scenarios = 0;

async function runScenario(
  { model, operations }: Scenario,
  { open }: EquivalenceOptions,
  statistics: Statistics | undefined,
): Promise<void> {
  const { reference, subject, encrypted, complaints } = await open(model);
  const number = scenarios++;
  const done: OperationRequests[] = [];
  let documents = true;
  for (const [index, operation] of operations.entries()) {
    const requests = (side: Side, name: string): OperationRequests =>
      requestsOf(operation, model, side.tableName, `${name}-${number}-${index}`.padEnd(8, "-"));
    const forReference = requests(reference, "reference");
    // The document client refuses maps with such a name.
    documents &&= !/constructor/.test(inspect(forReference.inputs, { depth: 30 }));
    const throughDocuments = documents && operation.throughDocuments;
    const asked = encrypted ? await withoutInnerRemoves(reference, forReference) : forReference;
    const forSubject = requests(subject, "subject");
    const [wanted, found] = await Promise.all([
      run(reference, asked, throughDocuments),
      run(subject, encrypted ? disclosing(forSubject, model) : forSubject, throughDocuments),
    ]);
    statistics?.note(operation, wanted);
    done.push(forReference);
    const difference = differenceOf({ model, operation, requests: forReference, reference: wanted, subject: found, encrypted });
    if (difference !== undefined) throw new Error(story({ model, done, difference }));
  }
  const problems = await complaints();
  if (problems.length > 0) throw new Error(story({ model, done, difference: { "stored rows": problems } }));
}

/** Random updates compute anything from anything; where nobody allowed it, the encrypted table would refuse. */
function disclosing(requests: OperationRequests, { schema }: TableModel): OperationRequests {
  if (requests.operation !== "UpdateItem" && requests.operation !== "TransactWriteItems") return requests;
  const disclose = [...new Set([...freeAttributes, ...indexAttributes, ...Object.keys(schema.attributes)])];
  return { ...requests, inputs: requests.inputs.map((input) => ({ ...input, ...requestOptions({ disclose }) })) };
}

/** The scenario as a person reads it: the table, the requests in their order, and what differs. */
function story({ model, done, difference }: { model: TableModel; done: readonly OperationRequests[]; difference: object }): string {
  const show = (value: unknown): string =>
    inspect(value, { depth: 30, breakLength: 140, compact: 20, maxArrayLength: 200, maxStringLength: 2000 });
  const requests = done.map(
    ({ operation, inputs }, index) => `${index + 1}. ${operation} ${inputs.map(withoutTable).map(show).join(" then ")}`,
  );
  return [
    "The tables differ.",
    `table ${show({ ...model, schema: { ...model.schema } })}`,
    ...requests,
    `difference ${show(difference)}`,
  ].join("\n");
}

function withoutTable({ TableName: _, ...input }: Readonly<Record<string, unknown>>): object {
  return input;
}
