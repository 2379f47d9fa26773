import { aliasOperations } from "./alias-operations.ts";
import { asymmetricOperations } from "./asymmetric-operations.ts";
import { encryptionOperations } from "./encryption-operations.ts";
import { keyOperations } from "./key-operations.ts";
import { keyStateOperations } from "./key-state-operations.ts";
import type { KmsOperation } from "./kms-operation.ts";
import { rotationOperations } from "./rotation-operations.ts";

/** Every operation that the local KMS knows; any other is answered with UnknownOperationException. */
export const kmsOperations: ReadonlyMap<string, KmsOperation> = new Map(
  [keyOperations, keyStateOperations, encryptionOperations, asymmetricOperations, aliasOperations, rotationOperations].flatMap((group) =>
    Object.entries(group),
  ),
);
