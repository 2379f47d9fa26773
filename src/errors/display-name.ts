const maximumName = 64;
const maximumText = 2048;
const maximumNames = 32;

/**
 * What a terminal or a log would act on or misread: control characters, separators of lines, marks that turn the
 * direction of writing, and halves of surrogate pairs.
 */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** UUIDs, the ids of multi-Region keys and what is escaped already have many digits by chance, and are nobody's number. */
const identifiers = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}|\\u[0-9a-f]{4}/gi;
/** A KMS ARN of usual length: cut, it would no longer say which key it is. */
const kmsArnPattern = /^arn:[a-z-]{3,12}:kms:[a-z0-9-]{3,24}:\d{12}:(?:key|alias)\/[A-Za-z0-9/_-]{1,64}$/;

/**
 * A name that came from outside, an item, a key store or an answer, in the form that messages and details hold: escaped,
 * at most 64 characters. One of mostly digits might be an account's or a card's number in the wrong place, so only its
 * length is given. KMS ARNs of usual length are whole.
 */
export function displayName(name: string): string {
  if (kmsArnPattern.test(name)) return name;
  // Cut before it is escaped: the work is bounded, whatever somebody planted.
  const start = name.slice(0, maximumName + 1);
  const digits = start.replace(identifiers, "").replace(/[^0-9]/g, "").length;
  if (digits >= 4 && digits * 2 > start.length) return `(${name.length} characters, mostly digits)`;
  return cut(escaped(start), maximumName);
}

/** Members of `details` that hold a name, or several, and nothing else. */
const nameMembers: ReadonlySet<string> = new Set([
  ...["attribute", "beacon", "branchKeyId", "branchKeyVersion", "key", "keyAttributes", "keyProviderIds", "keyId", "keyIds"],
  ...["kmsArn", "keyNamespace", "keyProviderId", "type", "unexpected", "missing"],
]);

/**
 * `details` as an error keeps them, and its message is made of them: names by {@link displayName}, any other text escaped
 * and bounded, lists bounded. So nothing that somebody planted can write lines into a log of its own, or fill it.
 */
export function displayDetails<Details extends object>(details: Details): Details {
  const shown = Object.entries(details).map(([member, value]) => [member, displayed(value, nameMembers.has(member))]);
  return Object.fromEntries(shown) as Details;
}

function displayed(value: unknown, isName: boolean): unknown {
  if (typeof value === "string") return isName ? displayName(value) : cut(escaped(value.slice(0, maximumText + 1)), maximumText);
  if (Array.isArray(value)) return displayedList(value, isName);
  const isPlain = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? displayDetails(value) : value;
}

function displayedList(list: readonly unknown[], isName: boolean): readonly unknown[] {
  if (!isName || list.length <= maximumNames) return list.map((member) => displayed(member, isName));
  const first = list.slice(0, maximumNames - 1).map((member) => displayed(member, isName));
  return [...first, `(${list.length - first.length} more)`];
}

function escaped(text: string): string {
  return text.replace(unprintable, (character) => {
    const codes = [...Array(character.length).keys()].map((index) => character.charCodeAt(index).toString(16).padStart(4, "0"));
    return codes.map((code) => `\\u${code}`).join("");
  });
}

function cut(text: string, maximum: number): string {
  if (text.length <= maximum) return text;
  const kept = text.slice(0, maximum - 1);
  // Not within a pair, nor within what escaping wrote.
  return `${kept.replace(/[\ud800-\udbff]$|\\(?:u[0-9a-f]{0,3})?$/, "")}…`;
}
