import { DynasealError, type ErrorDetails } from "../errors/index.ts";

type SchemaProblem = ErrorDetails["ERR_SCHEMA_INVALID"]["problems"][number];

/** Property names and array indexes from the root. */
export type Path = readonly (string | number)[];

/** Says what is wrong at a place, and what to write instead. */
export type Report = (path: Path, problem: string, remedy: string) => void;

/** More than a person reads at once; keeps a hostile input from growing the error without bound. */
const maximumProblems = 100;

/** Gathers what is wrong with a schema, so that all of it is told at once. */
export class Problems {
  readonly #list: SchemaProblem[] = [];
  /** What is being read, as in "is not a property of a table schema". */
  readonly subject: string;

  constructor(subject = "a table schema") {
    this.subject = subject;
  }

  readonly report: Report = (path, problem, remedy) => {
    if (!this.full) this.#list.push(Object.freeze({ path: pathText(path), problem, remedy }));
  };

  get any(): boolean {
    return this.#list.length > 0;
  }

  get full(): boolean {
    return this.#list.length >= maximumProblems;
  }

  /** @throws ERR_SCHEMA_INVALID, or the code that is given, where anything was reported */
  throwIfAny(file: string | undefined, code: "ERR_SCHEMA_INVALID" | "ERR_CONFIG_INVALID" = "ERR_SCHEMA_INVALID"): void {
    const [first] = this.#list;
    if (first === undefined) return;
    throw new DynasealError(code, { details: { ...first, file, problems: Object.freeze(this.#list) } });
  }
}

/** `attributes.email`, `attributes[":free"]`, `unsignedAttributes[2]`. */
function pathText(path: Path): string {
  return path
    .map((step, depth) => {
      if (typeof step === "number") return `[${step}]`;
      if (!/^[A-Za-z_$][\w$-]{0,63}$/.test(step)) return `[${quote(step)}]`;
      return depth === 0 ? step : `.${step}`;
    })
    .join("");
}

/** Names and words of a schema in a message: quoted, control characters escaped, cut to a length that one reads. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 63)}…` : text);
}

/** `a, b or c`, each quoted. */
export function anyOf(names: readonly string[]): string {
  const quoted = names.map(quote);
  return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
}
