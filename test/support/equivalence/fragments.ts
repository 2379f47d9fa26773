import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import type { ExpressionCase } from "../expression-arbitraries.ts";
import { namePlaceholders } from "./attribute-pool.ts";

/** A piece of an expression; each `?` in its text stands for the next of its values. */
export interface Fragment {
  readonly text: string;
  readonly values: readonly AttributeValue[];
}

export const constant = (text: string): fc.Arbitrary<Fragment> => fc.constant({ text, values: [] });
export const oneOf = (texts: readonly string[]): fc.Arbitrary<Fragment> => fc.constantFrom(...texts).map((text) => ({ text, values: [] }));
export const valued = (value: fc.Arbitrary<AttributeValue>): fc.Arbitrary<Fragment> => value.map((one) => ({ text: "?", values: [one] }));

/** Pieces one after the other; a string stands for itself. */
export function sequence(...parts: readonly (string | fc.Arbitrary<Fragment>)[]): fc.Arbitrary<Fragment> {
  return fc.tuple(...parts.map((part) => (typeof part === "string" ? constant(part) : part))).map((pieces) => joined(pieces, ""));
}

export function joined(pieces: readonly Fragment[], separator: string): Fragment {
  return { text: pieces.map(({ text }) => text).join(separator), values: pieces.flatMap(({ values }) => values) };
}

/** The fragment as a whole expression, its values named `:<prefix>0`, `:<prefix>1` … */
export function expressionOf({ text, values }: Fragment, prefix: string): ExpressionCase {
  let next = 0;
  const named = text.replaceAll("?", () => `:${prefix}${next++}`);
  const names = namesIn(named);
  return { text: named, names, values: Object.fromEntries(values.map((value, index) => [`:${prefix}${index}`, value])) };
}

/** The same expression with placeholders for values that no expression with another prefix has. */
export function withPrefix({ text, names, values }: ExpressionCase, prefix: string): ExpressionCase {
  const renamed = Object.entries(values).map(([name, value]) => [`:${prefix}${name.slice(1)}`, value] as const);
  return { text: text.replaceAll(/:(?=[A-Za-z0-9_])/g, `:${prefix}`), names, values: Object.fromEntries(renamed) };
}

function namesIn(text: string): Record<string, string> {
  const used = new Set(text.match(/#[A-Za-z0-9_]+/g));
  return Object.fromEntries(Object.entries(namePlaceholders).filter(([placeholder]) => used.has(placeholder)));
}

/** The expressions of one request with the placeholders of them all; the service refuses empty maps. */
export function parametersOfAll(expressions: Readonly<Record<string, ExpressionCase | undefined>>): Readonly<Record<string, unknown>> {
  const given = Object.entries(expressions).filter((entry): entry is [string, ExpressionCase] => entry[1] !== undefined);
  const names = Object.assign({}, ...given.map(([, { names: own }]) => own));
  const values = Object.assign({}, ...given.map(([, { values: own }]) => own));
  return {
    ...Object.fromEntries(given.map(([parameter, { text }]) => [parameter, text])),
    ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
  };
}
