import { wireText } from "./wire-text.ts";

/** What stands in every secret text of the suites. */
const textMark = "sottovoce";
/** The digits that every secret number begins with. */
const numberMark = 73_190_462;

/** What {@link marksIn} can find. */
export const allMarks: readonly string[] = [textMark, String(numberMark)];

/** A text that a stored row must not hold. */
export function secretText(text: string): string {
  return `${textMark}-${text}`;
}

/** A number that a stored row must not hold; `units` below a million can be added to it and the mark stays. */
export function secretNumber(units = 0): number {
  return numberMark * 1_000_000 + units;
}

/** The marks that are found anywhere in a value: in texts, numbers and names, and in binary, which is looked into. */
export function marksIn(value: unknown): readonly string[] {
  const text = wireText(value);
  return allMarks.filter((mark) => text.includes(mark));
}
