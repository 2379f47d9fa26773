export { type WholeRead, wholeRead } from "./projection.ts";
export { readPage } from "./read-page.ts";
export { openRows, type UndecryptableItem, undecryptableItems, undecryptableMember } from "./undecryptable.ts";
