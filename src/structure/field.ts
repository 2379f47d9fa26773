import type { Terminal } from "../attributes/index.ts";
import type { CanonicalPath } from "./canonical-path.ts";

/** What the legend can say of a signed attribute. */
export type SignedAction = "ENCRYPT_AND_SIGN" | "SIGN_ONLY" | "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT";

/** A signed attribute; unsigned ones never reach this room. */
export interface Field {
  readonly name: string;
  readonly path: CanonicalPath;
  readonly action: SignedAction;
  /** Of an encrypted field in stored form: type 0xFFFF, value `type (2) ‖ ciphertext ‖ tag (16)`. */
  readonly terminal: Terminal;
}
