import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  createSecretKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { promisify } from "node:util";

/**
 * The raw OpenSSL calls that one item cannot do without, on buffers of the right sizes and nothing else: no
 * serialization, no checks, no objects. What a library reaches of this is the part of its time that it is worth.
 */
export interface FloorInput {
  readonly suite: "HMAC" | "ECDSA";
  readonly keyring: "raw-aes" | "hierarchical";
  /** Bytes of each encrypted value. */
  readonly encrypted: readonly number[];
  /** Bytes of the canonical record, header included. */
  readonly recordBytes: number;
  readonly headerBytes: number;
  readonly contextBytes: number;
}

export interface Floor {
  encrypt(): Promise<void>;
  decrypt(): Promise<void>;
}

const generate = promisify(generateKeyPair);
const zeroIv = Buffer.alloc(12);
const zeroSalt = createSecretKey(Buffer.alloc(64));
const path = Buffer.alloc(30, 1);
const spkiPrefix = Buffer.from("3046301006072a8648ce3d020106052b81040022033200", "hex");

export async function floorOf(input: FloorInput): Promise<Floor> {
  const { suite, keyring } = input;
  const wrappingKey = createSecretKey(randomBytes(32));
  const aad = Buffer.alloc(input.contextBytes, 2);
  const header = Buffer.alloc(input.headerBytes, 3);
  const record = Buffer.alloc(input.recordBytes, 4);
  const values = input.encrypted.map((length) => Buffer.alloc(length, 5));
  const sealed = values.map((value) => gcm(createSecretKey(randomBytes(32)), zeroIv, path, value));
  const signer = await generate("ec", { namedCurve: "secp384r1" });
  const { x = "" } = signer.publicKey.export({ format: "jwk" });
  const point = Buffer.concat([Buffer.of(2 | (parity(signer.publicKey) & 1)), Buffer.from(x, "base64url")]);
  const recordHash = createHash("sha384").update(record).digest();
  const signature = await signAsync(signer.privateKey, recordHash);

  const wrappingKeyOfItem = (): KeyObject => {
    if (keyring === "raw-aes") return wrappingKey;
    return createSecretKey(hmac("sha256", wrappingKey, aad.subarray(0, 60)));
  };
  const intermediateKeys = (intermediate: Buffer): readonly KeyObject[] => {
    const extracted = createSecretKey(hmac("sha512", zeroSalt, intermediate));
    return [0, 1].map((counter) => createSecretKey(hmac("sha512", extracted, path.subarray(counter)).subarray(0, 32)));
  };
  const itemKeys = (dataKey: Buffer): readonly KeyObject[] => {
    const extracted = createSecretKey(hmac("sha512", zeroSalt, dataKey));
    return [0, 1].map(() => createSecretKey(hmac("sha512", extracted, header.subarray(0, 51)).subarray(0, 32)));
  };
  const fieldKeys = (rootKey: KeyObject): Buffer =>
    createCipheriv("aes-256-ctr", rootKey, header.subarray(0, 16)).update(Buffer.alloc(48 * Math.max(values.length, 1)));

  return {
    async encrypt() {
      const intermediate = randomBytes(32);
      const pair = suite === "ECDSA" ? await generate("ec", { namedCurve: "secp384r1" }) : undefined;
      gcm(wrappingKeyOfItem(), randomBytes(12), aad, intermediate);
      const [kek, macKey] = intermediateKeys(intermediate);
      const dataKey = randomBytes(32);
      if (kek) gcm(kek, zeroIv, aad, dataKey);
      randomBytes(32);
      const [commitKey, rootKey] = itemKeys(dataKey);
      if (commitKey) hmac("sha512", commitKey, header);
      const stream = rootKey && fieldKeys(rootKey);
      for (const [index, value] of values.entries()) {
        const at = index * 48;
        if (stream) gcm(createSecretKey(stream.subarray(at, at + 32)), stream.subarray(at + 32, at + 44), path, value);
      }
      const hash = createHash("sha384").update(record).digest();
      if (macKey) hmac("sha384", macKey, hash);
      if (pair) await signAsync(pair.privateKey, hash);
    },
    async decrypt() {
      const intermediate = openGcm(wrappingKeyOfItem(), zeroIv, aad, gcmSample.sealed32);
      const [kek, macKey] = intermediateKeys(intermediate);
      const dataKey = kek ? openGcm(kek, zeroIv, aad, gcmSample.sealed32) : intermediate;
      const [commitKey, rootKey] = itemKeys(dataKey);
      if (commitKey) timingSafeEqual(hmac("sha512", commitKey, header).subarray(0, 32), header.subarray(0, 32));
      const hash = createHash("sha384").update(record).digest();
      if (macKey) timingSafeEqual(hmac("sha384", macKey, hash), hash);
      if (suite === "ECDSA") {
        const key = createPublicKey({ key: Buffer.concat([spkiPrefix, point]), format: "der", type: "spki" });
        await verifyAsync(key, recordHash, signature);
      }
      const stream = rootKey && fieldKeys(rootKey);
      for (const [index, value] of sealed.entries()) {
        const at = index * 48;
        if (stream) openGcm(createSecretKey(stream.subarray(at, at + 32)), stream.subarray(at + 32, at + 44), path, value);
      }
    },
  };
}

const gcmSample = { sealed32: Buffer.alloc(48, 6) };

function hmac(hash: string, key: KeyObject, data: Buffer): Buffer {
  return createHmac(hash, key).update(data).digest();
}

function gcm(key: KeyObject, iv: Buffer, aad: Buffer, plaintext: Buffer): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: 16 });
  cipher.setAAD(aad);
  const body = cipher.update(plaintext);
  cipher.final();
  return Buffer.concat([body, cipher.getAuthTag()]);
}

/** Without `final`: the floor's tags do not match, and a thrown error would cost more than the check it stands for. */
function openGcm(key: KeyObject, iv: Buffer, aad: Buffer, value: Buffer): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: 16 });
  decipher.setAAD(aad);
  decipher.setAuthTag(value.subarray(-16));
  return decipher.update(value.subarray(0, -16));
}

function parity(key: KeyObject): number {
  return Buffer.from(key.export({ format: "jwk" }).y ?? "", "base64url").at(-1) ?? 0;
}

function signAsync(key: KeyObject, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => sign("sha384", message, key, (error, value) => (error ? reject(error) : resolve(value))));
}

function verifyAsync(key: KeyObject, message: Buffer, signature: Buffer): Promise<boolean> {
  return new Promise((resolve, reject) =>
    verify("sha384", message, key, signature, (error, value) => (error ? reject(error) : resolve(value))),
  );
}
