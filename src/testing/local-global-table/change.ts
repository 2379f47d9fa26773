import type { WireItem } from "./wire.ts";

/** When and where an item was written. Of two versions the later wins, of two at once the Region that sorts last. */
export interface Version {
  /** Microseconds since 1970. */
  readonly timestamp: number;
  readonly region: string;
}

/** One table and the Regions that hold it. */
export interface GlobalTable {
  readonly tableName: string;
  readonly regions: Set<string>;
}

/** A write on its way to another Region: the whole item as it was stored, or no item where it was deleted. */
export interface Change {
  readonly table: GlobalTable;
  readonly from: string;
  readonly id: string;
  readonly key: WireItem;
  readonly item: WireItem | undefined;
  readonly version: Version;
}

export function isLater(version: Version, than: Version | undefined): boolean {
  if (than === undefined) return true;
  if (version.timestamp !== than.timestamp) return version.timestamp > than.timestamp;
  return version.region > than.region;
}
