import { type ClientErrorDetails, clientErrors } from "./client-errors.ts";
import type { ErrorTable } from "./error-table.ts";
import { type ExpressionErrorDetails, expressionErrors } from "./expression-errors.ts";
import { type JobErrorDetails, jobErrors } from "./job-errors.ts";
import { type KeyringErrorDetails, keyringErrors } from "./keyring-errors.ts";
import { type KeystoreErrorDetails, keystoreErrors } from "./keystore-errors.ts";
import { type KmsErrorDetails, kmsErrors } from "./kms-errors.ts";
import { type MaterialsErrorDetails, materialsErrors } from "./materials-errors.ts";
import { type OperationErrorDetails, operationErrors } from "./operation-errors.ts";
import { type RowErrorDetails, rowErrors } from "./row-errors.ts";
import { type SchemaErrorDetails, schemaErrors } from "./schema-errors.ts";
import { type SearchErrorDetails, searchErrors } from "./search-errors.ts";
import { type StreamErrorDetails, streamErrors } from "./stream-errors.ts";
import { type StructureErrorDetails, structureErrors } from "./structure-errors.ts";
import { type TableErrorDetails, tableErrors } from "./table-errors.ts";
import { type TestingErrorDetails, testingErrors } from "./testing-errors.ts";

/** Code → shape of `details`. Each room declares its own in a file beside this one. */
export interface ErrorDetails
  extends StructureErrorDetails,
    MaterialsErrorDetails,
    SchemaErrorDetails,
    KmsErrorDetails,
    KeystoreErrorDetails,
    KeyringErrorDetails,
    ExpressionErrorDetails,
    OperationErrorDetails,
    ClientErrorDetails,
    SearchErrorDetails,
    StreamErrorDetails,
    JobErrorDetails,
    TableErrorDetails,
    RowErrorDetails,
    TestingErrorDetails {}

export type ErrorCode = keyof ErrorDetails;

/** Every code with its meaning and its hint. */
export const errorTable: ErrorTable<ErrorDetails> = {
  ...structureErrors,
  ...materialsErrors,
  ...schemaErrors,
  ...kmsErrors,
  ...keystoreErrors,
  ...keyringErrors,
  ...expressionErrors,
  ...operationErrors,
  ...clientErrors,
  ...searchErrors,
  ...streamErrors,
  ...jobErrors,
  ...tableErrors,
  ...rowErrors,
  ...testingErrors,
};
