import { type SecretBytes, utf8, type Wipeable } from "../../bytes/index.ts";
import { hkdfExpand, hkdfExtract } from "../../crypto/index.ts";

const label: Uint8Array = utf8("AWS_DBE_SCAN_BEACON");
const hmacKeyLength = 64;

/** Gives the HMAC key of a beacon by the beacon's name: 64 bytes. */
export interface HmacKeys {
  hmacKey(name: string): SecretBytes;
}

/**
 * The HMAC keys under one beacon key: HKDF-SHA-512 without salt, `info` = "AWS_DBE_SCAN_BEACON" ‖ beacon name, 64 bytes.
 *
 * @see specification/searchable-encryption/search-config.md "HMAC Key Generation"
 */
export class BeaconKeys implements HmacKeys, Wipeable {
  readonly #extracted: SecretBytes;
  readonly #keys = new Map<string, SecretBytes>();

  /** @param beaconKey 32 bytes; when it is wiped, these keys are as well */
  constructor(beaconKey: SecretBytes) {
    this.#extracted = hkdfExtract("sha512", beaconKey);
    beaconKey.wipeAlso(this);
  }

  /**
   * The key of a beacon of the schema; each is derived once.
   *
   * @throws ERR_SECRET_WIPED
   */
  hmacKey(name: string): SecretBytes {
    let key = this.#keys.get(name);
    if (key === undefined) {
      key = hkdfExpand("sha512", this.#extracted, hmacKeyLength, label, utf8(name));
      this.#keys.set(name, key);
    }
    return key;
  }

  wipe(): void {
    this.#extracted.wipe();
    for (const key of this.#keys.values()) key.wipe();
  }
}
