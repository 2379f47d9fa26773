import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { EncryptionContext } from "./encryption-context.ts";

/**
 * What is known of an item before it is decrypted.
 *
 * @see specification/dynamodb-encryption-client/ddb-encryption-branch-key-id-supplier.md "DynamoDbKeyBranchKeyIdSupplier"
 */
export interface BranchKeyIdInput {
  /**
   * The keys and, in format 2, the SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT attributes; nothing else exists when reading.
   * Numbers are in normal form. Has no prototype.
   */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly encryptionContext: EncryptionContext;
}

/**
 * Names the branch key of an item, for keys per tenant. Has to give the same answer on write and on read.
 *
 * @see specification/dynamodb-encryption-client/ddb-encryption-branch-key-id-supplier.md
 */
export type BranchKeyIdSupplier = (input: BranchKeyIdInput) => string | Promise<string>;
