import type { ErrorTable } from "./error-table.ts";

/** One thing that is wrong with a schema. */
export interface SchemaProblem {
  /** Where: `attributes.email.action`, `unsignedAttributes[2]`, `attributes[":free"]`; empty for the schema as a whole. */
  readonly path: string;
  /** What is wrong there. */
  readonly problem: string;
  /** What to write instead. */
  readonly remedy: string;
}

/** Codes of schema. */
export interface SchemaErrorDetails {
  /** The first problem, and all of them (at most a hundred); `file` where the schema came from one. */
  ERR_SCHEMA_INVALID: SchemaProblem & { file: string | undefined; problems: readonly SchemaProblem[] };
  /** The text of a schema file is not JSON, or names one property twice. Line and column count from 1. */
  ERR_SCHEMA_SYNTAX: { file: string; line: number; column: number; problem: string };
  ERR_SCHEMA_FILE: { file: string; reason: string };
  /** The schema says `minimumVersion`, and this package is older. */
  ERR_SCHEMA_VERSION: { file: string | undefined; table: string | undefined; minimumVersion: string; version: string };
  /** As ERR_SCHEMA_INVALID, for `dynaseal.config.json`. */
  ERR_CONFIG_INVALID: SchemaProblem & { file: string | undefined; problems: readonly SchemaProblem[] };
  ERR_SCHEMA_DUPLICATE_TABLE: { table: string; files: readonly string[] };
  /** Schemas were asked of Parameter Store, and not all of them are there as version and digest say. */
  ERR_SCHEMA_UNAVAILABLE: {
    parameter: string;
    reason: "missing" | "different" | "malformed" | "denied" | "throttled" | "unreachable";
  };
  ERR_PLAINTEXT_NOT_ACKNOWLEDGED: { table: string; plaintextOverride: string };
}

/** How the mistakes of a file are said, all of them in the hint. */
function mistakesIn(whole: "schema" | "configuration"): ErrorTable<SchemaErrorDetails>["ERR_SCHEMA_INVALID"] {
  return {
    meaning: ({ file, path, problem, remedy, problems }) => {
      const place = [file, path].filter((part) => part !== undefined && part !== "").join(": ");
      const more = problems.length > 1 ? ` (${problems.length - 1} more: see details.problems)` : "";
      return `${place === "" ? `The ${whole}` : `${place}:`} ${problem}; ${remedy}.${more}`;
    },
    hint: ({ remedy, problems }) =>
      problems.length > 1 ? problems.map(({ path, remedy }) => `${path === "" ? whole : path}: ${remedy}`).join("\n") : remedy,
  };
}

const unavailability: Readonly<Record<SchemaErrorDetails["ERR_SCHEMA_UNAVAILABLE"]["reason"], string>> = {
  missing: "is not there",
  different: "does not have the digest that it should have",
  malformed: "is none that schema push wrote",
  denied: "may not be read or written",
  throttled: "was throttled, also after the client's own retries",
  unreachable: "could not be read or written",
};

const unavailabilityHints: Readonly<Record<SchemaErrorDetails["ERR_SCHEMA_UNAVAILABLE"]["reason"], string>> = {
  missing:
    "Compare path, version and Region with what schema push printed. Parameter Store keeps a hundred versions of a parameter: push again, and deploy the new version and digest.",
  different:
    "Deploy version and digest of the same push. If they are, somebody changed the parameter: find out who may write to it, and push again.",
  malformed: "Give the path, version and digest that schema push printed.",
  denied:
    "Readers need ssm:GetParameter and ssm:GetParameters on the hierarchy, schema push ssm:PutParameter too, and secure strings kms:Decrypt or kms:Encrypt on their key. The cause says which was refused.",
  throttled:
    "Parameter Store answers 40 requests a second of an account and Region unless higher throughput is switched on. Raise maxAttempts of the client, or switch it on.",
  unreachable: "The cause says why: network, endpoint, a parameter that is too long for its tier, or a fault of the service.",
};

export const schemaErrors: ErrorTable<SchemaErrorDetails> = {
  ERR_SCHEMA_INVALID: mistakesIn("schema"),
  ERR_CONFIG_INVALID: mistakesIn("configuration"),
  ERR_SCHEMA_SYNTAX: {
    meaning: ({ file, line, column, problem }) => `${file}:${line}:${column}: ${problem}.`,
    hint: "A schema file is strict JSON: names and texts in double quotes, no comments, no comma after the last entry, each name once.",
  },
  ERR_SCHEMA_FILE: {
    meaning: ({ file, reason }) => `${file}: ${reason}.`,
    hint: "Give the path of one schema file (*.json), or of a folder that holds *.table.json files.",
  },
  ERR_SCHEMA_VERSION: {
    meaning: ({ file, table, minimumVersion, version }) => {
      const place = file === undefined ? "The schema" : `${file}: The schema`;
      return `${place}${table === undefined ? "" : ` of the table "${table}"`} was made for dynaseal ${minimumVersion} or newer; this is ${version}.`;
    },
    hint: "Update dynaseal in this service before the schema is rolled out to it. Removing minimumVersion does not help: the schema says what this version does not know.",
  },
  ERR_SCHEMA_UNAVAILABLE: {
    meaning: ({ parameter, reason }) => `No schemas were loaded: parameter ${parameter} ${unavailability[reason]}.`,
    hint: ({ reason }) => unavailabilityHints[reason],
  },
  ERR_SCHEMA_DUPLICATE_TABLE: {
    meaning: ({ table, files }) => `Two schemas are for the table "${table}"${files.length > 0 ? `: ${files.join(" and ")}` : ""}.`,
    hint: "tableName is the logical name that is bound into every item. Keep one schema for it, and map names of physical tables with tableNames.",
  },
  ERR_PLAINTEXT_NOT_ACKNOWLEDGED: {
    meaning: ({ table, plaintextOverride }) =>
      `The schema of the table "${table}" says ${plaintextOverride}, which reads items that are neither encrypted nor signed.`,
    hint: "Pass acknowledgePlaintext: true in code while the table is being encrypted, or remove plaintextOverride from the schema.",
  },
};
