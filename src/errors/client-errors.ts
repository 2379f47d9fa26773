import type { ErrorTable } from "./error-table.ts";

/** Codes of client. */
export interface ClientErrorDetails {
  ERR_SDK_UNSUPPORTED: { reason: string };
  ERR_CLIENT_ALREADY_WRAPPED: Record<never, never>;
  ERR_OPTION_UNKNOWN: { option: string; known: readonly string[]; suggestion: string | undefined };
  ERR_TABLE_CONFIGURED_TWICE: { physicalName: string; logicalNames: readonly string[] };
  /** Somebody assigned a member of an encrypted client's `config` that has to stay. */
  ERR_CONFIG_NOT_ASSIGNABLE: { property: string };
  ERR_RUNTIME_UNSUPPORTED: { reason: string };
}

export const clientErrors: ErrorTable<ClientErrorDetails> = {
  ERR_SDK_UNSUPPORTED: {
    meaning: ({ reason }) => `The AWS SDK that is present at run time cannot be made to encrypt: ${reason}.`,
    hint: "Install @aws-sdk/client-dynamodb 3.928 or newer, with a matching @aws-sdk/lib-dynamodb, and bundle it with the application: a Lambda runtime or a bundler may supply another version than the one installed. Nothing was sent.",
  },
  ERR_CLIENT_ALREADY_WRAPPED: {
    meaning: "The client is an encrypted client already.",
    hint: "Call encryptedClient once, with the schemas of all tables. DynamoDBDocumentClient.from(encrypted) gives a document client over it that encrypts as well.",
  },
  ERR_OPTION_UNKNOWN: {
    meaning: ({ option }) => `There is no option "${option}" here.`,
    hint: ({ known, suggestion }) => (suggestion === undefined ? `The options are ${known.join(", ")}.` : `Did you mean ${suggestion}?`),
  },
  ERR_TABLE_CONFIGURED_TWICE: {
    meaning: ({ physicalName, logicalNames }) =>
      `Table "${physicalName}" is configured more than once (${logicalNames.map((name) => `"${name}"`).join(", ")}).`,
    hint: "One physical table has one schema and is not in plainTables. Correct schemas, tableNames or plainTables.",
  },
  ERR_CONFIG_NOT_ASSIGNABLE: {
    meaning: ({ property }) => `config.${property} of an encrypted client cannot be assigned: encryption stands in that place.`,
    hint: ({ property }) => `Assign config.${property} of the client that was given to encryptedClient: it is the one that sends.`,
  },
  ERR_RUNTIME_UNSUPPORTED: {
    meaning: ({ reason }) => `dynaseal cannot run here: ${reason}.`,
    hint: "Run it in Node.js 20.19 or newer, for example in AWS Lambda or a container. A browser or edge runtime has neither node:crypto nor a place where table keys would be safe.",
  },
};
