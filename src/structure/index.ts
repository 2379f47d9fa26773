export { type CanonicalPath, CanonicalPaths, compareCanonicalPaths } from "./canonical-path.ts";
export { applyLegend, type DecryptStructureInput, decryptStructure, type StoredField } from "./decrypt-structure.ts";
export { type EncryptedStructure, type EncryptStructureInput, encryptStructure } from "./encrypt-structure.ts";
export type { Field, SignedAction } from "./field.ts";
export { footerName } from "./footer.ts";
export { headerName, messageIdLength, type PartialHeader, parseHeader } from "./header.ts";
