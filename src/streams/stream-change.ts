import type { AttributeMap } from "../attributes/index.ts";
import { DynasealError } from "../errors/index.ts";
import { type Document, documentOf, type ItemEncryptor, type ItemHeader, keyAttributes, naming } from "../item/index.ts";
import type { TablePlan } from "../schema/index.ts";
import { sameValue } from "./changed-attributes.ts";
import type { StoredStreamRecord, StreamRecord } from "./stream-record.ts";

/**
 * One change of an item, as the application wrote it.
 *
 * An image is there when the stream's view type has it and the change has such a state: a stream of keys only has none, a
 * deletion has no new one. Images are verified and decrypted, and are the item's that `keys` names. `keys` of a change
 * without images are as the stream says; nothing in them is signed.
 */
export interface StreamChange extends StreamRecord {
  readonly keys: AttributeMap;
  readonly oldImage: AttributeMap | undefined;
  readonly newImage: AttributeMap | undefined;
  /** Undefined where there is no old image, or the schema's `plaintextOverride` let a plaintext one pass. */
  readonly oldHeader: ItemHeader | undefined;
  readonly newHeader: ItemHeader | undefined;
  /** The old image in native values, as a DynamoDBDocumentClient gives them; made when it is asked for. */
  readonly oldDocument: Document | undefined;
  readonly newDocument: Document | undefined;
}

/** What opening an image takes. */
export interface ImageOpener {
  readonly plan: TablePlan;
  readonly encryptor: ItemEncryptor;
}

/**
 * Verifies and decrypts the images of a record.
 *
 * @throws ERR_STREAM_KEYS_MISMATCH, ERR_STREAM_IMAGE_MISMATCH, and what `decryptItem` throws, with `revealKey()`
 */
export async function openChange(stored: StoredStreamRecord, opener: ImageOpener, signal: AbortSignal): Promise<StreamChange> {
  const { record, keys } = stored;
  requireKeysOf(opener.plan, keys);
  const [old, current] = await Promise.all([openImage(stored, "old", opener, signal), openImage(stored, "new", opener, signal)]);
  const change = {
    ...record,
    keys,
    oldImage: old?.item,
    newImage: current?.item,
    oldHeader: old?.header,
    newHeader: current?.header,
  };
  // Not enumerable: a copy of a change neither makes them nor fails where a number has no native form.
  return Object.defineProperties(change, {
    oldDocument: { get: () => old && documentOf(old.item) },
    newDocument: { get: () => current && documentOf(current.item) },
  }) as StreamChange;
}

interface OpenedImage {
  readonly item: AttributeMap;
  readonly header: ItemHeader | undefined;
}

async function openImage(
  { record, keys, oldImage, newImage }: StoredStreamRecord,
  which: "old" | "new",
  { plan, encryptor }: ImageOpener,
  signal: AbortSignal,
): Promise<OpenedImage | undefined> {
  const image = which === "old" ? oldImage : newImage;
  if (image === undefined) return undefined;
  try {
    requireImageOf(plan, keys, image, which);
    return await encryptor.decryptItem(image, { signal });
  } catch (error) {
    if (!(error instanceof DynasealError)) throw error;
    const { sequenceNumber } = record;
    const place = `the ${which} image of ${sequenceNumber === undefined ? "a stream record" : `the record with the sequence number ${sequenceNumber}`}`;
    throw naming(error, place, { plan, item: keys });
  }
}

/** Exactly the schema's keys: a record of another table would otherwise fail item by item, or be skipped. */
function requireKeysOf(plan: TablePlan, keys: AttributeMap): void {
  const names = keyAttributes(plan);
  const missing = names.filter((name) => !Object.hasOwn(keys, name));
  const unexpected = Object.keys(keys).length - (names.length - missing.length);
  if (missing.length === 0 && unexpected === 0) return;
  throw new DynasealError("ERR_STREAM_KEYS_MISMATCH", { details: { tableName: plan.tableName, missing, unexpected } });
}

/** The item's own keys are signed, those of the record are not; where they differ, one of them is somebody else's. */
function requireImageOf(plan: TablePlan, keys: AttributeMap, image: AttributeMap, which: "old" | "new"): void {
  for (const attribute of keyAttributes(plan)) {
    if (Object.hasOwn(image, attribute) && sameValue(image[attribute], keys[attribute])) continue;
    throw new DynasealError("ERR_STREAM_IMAGE_MISMATCH", { details: { tableName: plan.tableName, image: which, attribute } });
  }
}
