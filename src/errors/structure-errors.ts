import type { ErrorTable } from "./error-table.ts";

/** Codes of the wire format: bytes, attributes, structure, item. */
export interface StructureErrorDetails {
  /** Anything that fails authentication: commitment, recipient tag, signature, GCM tag, context. One code on purpose. */
  ERR_NOT_AUTHENTIC: { tableName?: string; keyAttributes?: readonly string[] };
  ERR_HEADER_MALFORMED: { field: string };
  ERR_FOOTER_MALFORMED: { field: string };
  ERR_ATTRIBUTE_MALFORMED: { attribute?: string; reason: string };
  /** `option`: of the document client, if one of its options would have converted the value. */
  ERR_ATTRIBUTE_NOT_SERIALIZABLE: { attribute?: string; reason: string; option?: string };
  ERR_NUMBER_INVALID: { attribute?: string; reason: string };
  /** `option` is the one that sets the limit; without it, the limit is the wire format's. */
  ERR_LIMIT_EXCEEDED: { limit: string; maximum: number; actual?: number; option?: string };
  ERR_ITEM_TOO_LARGE: { bytes: number; maximum: number; tableName?: string };
  ERR_KEY_MISSING: { tableName: string; attribute: string };
  ERR_CONTEXT_ATTRIBUTE_MISSING: { tableName: string; attribute: string };
  ERR_ATTRIBUTE_NOT_CONFIGURED: { tableName: string; attribute: string };
  ERR_RESERVED_NAME: { attribute: string; tableName?: string };
  ERR_ITEM_NOT_ENCRYPTED: { tableName: string };
  ERR_ITEM_REMNANT: { tableName: string; attribute: string };
  /** The item's suite is none of those that the schema's `acceptAlgorithmSuites` names. */
  ERR_SUITE_NOT_ACCEPTED: { tableName: string; algorithmSuite: "ECDSA" | "HMAC"; accepted: readonly ("ECDSA" | "HMAC")[] };
  /** The item is encrypted by the DynamoDB Encryption Client, DB-ESDK's predecessor. */
  ERR_ITEM_DDBEC: { tableName?: string; attribute: string };
  /** The item is DynamoDB JSON: `attribute` holds base64 text where an AttributeValue holds bytes. */
  ERR_ITEM_IS_JSON: { attribute?: string };
  ERR_LEGEND_MISMATCH: { tableName?: string; legendLength: number; signedAttributes: number };
}

export const structureErrors: ErrorTable<StructureErrorDetails> = {
  ERR_NOT_AUTHENTIC: {
    meaning: ({ tableName }) =>
      `The item${tableName === undefined ? "" : ` of table "${tableName}"`} failed authentication; nothing of it is returned.`,
    hint: "The item was changed after it was written, was written under another logical table name, key attribute or key, or the schema signs other attributes than its writer did. Compare the schema and tableNames with the writer's, then restore the item from a backup.",
  },
  ERR_HEADER_MALFORMED: {
    meaning: ({ field }) => `The attribute aws_dbe_head is not a valid header: ${field}.`,
    hint: "The item was cut or overwritten by something that is not a DB-ESDK client. Restore it from a backup; describeItem(item) shows what can still be read.",
  },
  ERR_FOOTER_MALFORMED: {
    meaning: ({ field }) => `The attribute aws_dbe_foot is not a valid footer: ${field}.`,
    hint: "The item was cut or overwritten by something that is not a DB-ESDK client. Restore it from a backup.",
  },
  ERR_ATTRIBUTE_MALFORMED: {
    meaning: ({ attribute, reason }) =>
      `The stored bytes of ${attribute === undefined ? "an attribute" : `attribute "${attribute}"`} cannot be read: ${reason}.`,
    hint: "An authenticated value has a layout that no DB-ESDK writes. Find out which library wrote the item.",
  },
  ERR_ATTRIBUTE_NOT_SERIALIZABLE: {
    meaning: ({ attribute, reason }) =>
      `${attribute === undefined ? "A value" : `Attribute "${attribute}"`} is not a DynamoDB attribute value: ${reason}.`,
    hint: ({ option }) =>
      option === undefined
        ? "Give each attribute as exactly one of S, N, B, BOOL, NULL, M, L, SS, NS, BS, as the AWS SDK's AttributeValue type says, or as a native value to a document client."
        : `Change the value, or pass { ${option} } as the second argument of DynamoDBDocumentClient.from.`,
  },
  ERR_NUMBER_INVALID: {
    meaning: ({ attribute, reason }) =>
      `${attribute === undefined ? "A number" : `The number in attribute "${attribute}"`} is not one that DynamoDB stores: ${reason}.`,
    hint: "DynamoDB numbers have up to 38 significant digits and lie between 1E-130 and 9.99…E+125 in magnitude.",
  },
  ERR_LIMIT_EXCEEDED: {
    meaning: ({ limit, maximum, actual }) =>
      `${limit} is ${actual === undefined ? "more than" : `${actual}, over`} the limit of ${maximum}.`,
    hint: ({ option }) =>
      option === undefined
        ? "Split the item or shorten what the message names; the limit is the wire format's."
        : `An item that you wrote yourself is under fewer keys, or ${option} is raised. In one that you did not write, somebody planted keys to cost its readers calls: find out who may write to the table.`,
  },
  ERR_ITEM_TOO_LARGE: {
    meaning: ({ bytes, maximum }) => `The item has ${bytes} bytes after encryption; DynamoDB takes ${maximum}.`,
    hint: "Encryption adds a header, a footer and 18 bytes an encrypted attribute. Move large values to S3 or split the item.",
  },
  ERR_KEY_MISSING: {
    meaning: ({ tableName, attribute }) => `The item for table "${tableName}" lacks its key attribute "${attribute}".`,
    hint: "Every item carries the partition key and, where the schema names one, the sort key. Compare partitionKey and sortKey of the schema file with the table.",
  },
  ERR_CONTEXT_ATTRIBUTE_MISSING: {
    meaning: ({ tableName, attribute }) =>
      `The item for table "${tableName}" lacks "${attribute}", which the schema includes in the encryption context.`,
    hint: "Every SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT attribute has to be in every item. Write it, or give it the action SIGN_ONLY.",
  },
  ERR_ATTRIBUTE_NOT_CONFIGURED: {
    meaning: ({ tableName, attribute }) => `The schema of table "${tableName}" does not name attribute "${attribute}".`,
    hint: "Add the attribute to the schema's attributes with an action, or set otherAttributes to ENCRYPT_AND_SIGN.",
  },
  ERR_RESERVED_NAME: {
    meaning: ({ attribute }) => `"${attribute}" is reserved: names that begin with aws_dbe_ belong to the encryption format.`,
    hint: "Rename the attribute.",
  },
  ERR_ITEM_NOT_ENCRYPTED: {
    meaning: ({ tableName }) => `An item of table "${tableName}" is not encrypted, and the schema requires encryption.`,
    hint: "Find out who wrote it without encryption. While a plain table is being encrypted, set plaintextOverride in the schema and acknowledgePlaintext: true in code.",
  },
  ERR_ITEM_REMNANT: {
    meaning: ({ tableName, attribute }) =>
      `An item of table "${tableName}" holds "${attribute}" but not both header and footer; it is neither encrypted nor plain.`,
    hint: "Somebody removed a part of the encryption, possibly to pass a forged item off as plain. Restore the item from a backup and find out who may write to the table.",
  },
  ERR_SUITE_NOT_ACCEPTED: {
    meaning: ({ tableName, algorithmSuite, accepted }) =>
      `An item of table "${tableName}" is under the ${algorithmSuite} suite; the schema's acceptAlgorithmSuites names ${accepted.join(" and ")}.`,
    hint: 'Whoever may decrypt can make an item under HMAC, so find out who wrote this one. If it is left from before the table went over to ECDSA, write it again under ECDSA with a schema that has "acceptAlgorithmSuites": ["ECDSA", "HMAC"].',
  },
  ERR_ITEM_DDBEC: {
    meaning: ({ attribute }) =>
      `The item holds "${attribute}", so the older Amazon DynamoDB Encryption Client wrote it; its format is not this one, and the item is not plain.`,
    hint: "Read it with the DynamoDB Encryption Client that wrote it, and write the decrypted item through this library.",
  },
  ERR_ITEM_IS_JSON: {
    meaning: ({ attribute }) =>
      attribute === undefined
        ? "The item is a JSON text, not a map of AttributeValues."
        : `The item is DynamoDB JSON, not a map of AttributeValues: "${attribute}" holds base64 text where bytes belong.`,
    hint: "Items from streams, exports and the AWS CLI are DynamoDB JSON, whose binary values are base64. Give what you have to itemFromDynamoDbJson of dynaseal first; for events of a stream use dynaseal/streams.",
  },
  ERR_LEGEND_MISMATCH: {
    meaning: ({ legendLength, signedAttributes }) =>
      `The item was signed with ${legendLength} signed attributes, and ${signedAttributes} are present under this schema.`,
    hint: "A signed attribute was added or removed after writing, or the schema's unsigned attributes differ from the writer's.",
  },
};
