/** What one error code means and what its reader is to do next. Both may look at the typed details, never at a value. */
export interface ErrorEntry<Details> {
  /** One sentence: what went wrong. */
  readonly meaning: string | ((details: Details) => string);
  /** One or two sentences: what the user does now. */
  readonly hint: string | ((details: Details) => string);
}

/** The codes of one room: details interface in, entry for every code out. */
export type ErrorTable<DetailsByCode> = { readonly [Code in keyof DetailsByCode]: ErrorEntry<DetailsByCode[Code]> };
