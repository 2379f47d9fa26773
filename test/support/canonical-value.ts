import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** A text that is the same for equal values: sets have no order, numbers no spelling. It shares no code with what is tested. */
export function canonical(value: AttributeValue): string {
  if (value.N !== undefined) return `N ${canonicalNumber(value.N)}`;
  if (value.B !== undefined) return `B ${value.B.join()}`;
  if (value.SS !== undefined)
    return `SS ${value.SS.map((text) => JSON.stringify(text))
      .toSorted()
      .join()}`;
  if (value.NS !== undefined) return `NS ${value.NS.map(canonicalNumber).toSorted().join()}`;
  if (value.BS !== undefined)
    return `BS ${value.BS.map((bytes) => bytes.join())
      .toSorted()
      .join(";")}`;
  if (value.L !== undefined) return `L [${value.L.map(canonical).join()}]`;
  if (value.M === undefined) return JSON.stringify(value);
  const members = Object.entries(value.M).map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `M {${members.toSorted().join()}}`;
}

/** Digits without zeros at either end, and the power of ten of the last one. */
function canonicalNumber(text: string): string {
  const [, sign = "", whole = "", fraction = "", power = "0"] = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${sign === "-" ? "-" : ""}${significant}e${Number(power) - fraction.length + digits.length - significant.length}`;
}
