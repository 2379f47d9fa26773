export { type AwsKmsKeyringOptions, awsKmsKeyring } from "./aws-kms-keyring.ts";
export { type AwsKmsMrkKeyringOptions, awsKmsMrkKeyring } from "./aws-kms-mrk-keyring.ts";
export { type MultiKeyringOptions, multiKeyring } from "./multi-keyring.ts";
export { type RawAesKeyringOptions, rawAesKeyring } from "./raw-aes-keyring.ts";
