export { ByteReader, type ReadFailure } from "./byte-reader.ts";
export { ByteWriter } from "./byte-writer.ts";
export { concatBytes, fromBase64, toBase64, toHex } from "./encoding.ts";
export { bytesEqual, compareBytes, compareUtf8, compareUtf16 } from "./order.ts";
export { SecretBytes, secretMemory, type Wipeable } from "./secret-bytes.ts";
export { decodeUtf8, encodeUtf8, isWellFormed, utf8, utf8Length } from "./utf8.ts";
