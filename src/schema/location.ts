/** A path to a value: the attribute's name, then map keys and list indexes. */
export type Location = readonly [attribute: string, ...steps: (string | number)[]];

/**
 * Reads a terminal location: `email`, `address.city`, `phones[0].number`. Names that hold `.` or `[` cannot be written.
 *
 * @returns `undefined` where the text is none
 * @see specification/searchable-encryption/virtual.md "Terminal Location"
 * @see specification/searchable-encryption/virtual.md "Segments"
 */
export function parseLocation(text: string): Location | undefined {
  const match = /^([^.[\]]+)((?:\.[^.[\]]+|\[\d{1,9}\])*)$/.exec(text);
  const [, attribute, rest = ""] = match ?? [];
  if (attribute === undefined) return undefined;
  const steps = rest.match(/\.[^.[\]]+|\[\d+\]/g) ?? [];
  return [attribute, ...steps.map((step) => (step.startsWith(".") ? step.slice(1) : Number(step.slice(1, -1))))];
}

/** The text that `parseLocation` reads. */
export function locationText([attribute, ...steps]: Location): string {
  return attribute + steps.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
}
