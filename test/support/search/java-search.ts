import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export type Item = Record<string, AttributeValue>;

/** A Query where there is a key condition, else a Scan. */
export interface Request {
  readonly index?: string;
  readonly key?: string;
  readonly filter?: string;
}

export const S: (text: string) => AttributeValue = (text) => ({ S: text });
export const encrypted: readonly string[] = ["x", "y", "tags", "tagsToo", "p", "nick", "town", "num", "m", "first", "last", "mail"];

/** Every kind of beacon that Java 3.9.0 has. */
export const everything = {
  standardBeacons: [
    { name: "x", length: 20 },
    { name: "y", length: 20, style: { shared: { other: "x" } } },
    { name: "tags", length: 16, style: { asSet: {} } },
    { name: "tagsToo", length: 16, style: { sharedSet: { other: "tags" } } },
    { name: "p", length: 20, style: { partOnly: {} } },
    { name: "nick", length: 24 },
    { name: "town", length: 16 },
    { name: "num", length: 10 },
    { name: "deep", length: 32, loc: "m.k" },
    { name: "full", length: 24 },
    { name: "initial", length: 12 },
    { name: "ending", length: 20 },
    { name: "host", length: 24 },
    { name: "user", length: 24 },
    { name: "middle", length: 24 },
  ],
  virtualFields: [
    { name: "full", parts: [{ loc: "first" }, { loc: "last" }] },
    { name: "initial", parts: [{ loc: "first", trans: [{ prefix: { length: 1 } }, { insert: { literal: ". " } }] }] },
    { name: "ending", parts: [{ loc: "last", trans: [{ suffix: { length: 2 } }, { upper: {} }] }] },
    { name: "host", parts: [{ loc: "mail", trans: [{ segment: { split: "@", index: -1 } }] }] },
    { name: "user", parts: [{ loc: "mail", trans: [{ segments: { split: "@", low: 0, high: 1 } }, { lower: {} }] }, { loc: "nick" }] },
    { name: "middle", parts: [{ loc: "mail", trans: [{ substring: { low: 1, high: 4 } }] }, { loc: "p" }] },
  ],
  compoundBeacons: [
    {
      name: "c",
      split: ".",
      encrypted: [
        { name: "nick", prefix: "N-" },
        { name: "town", prefix: "C-" },
      ],
      signed: [
        { name: "land", prefix: "S-" },
        { name: "jahr", prefix: "Y-" },
      ],
      constructors: [
        { parts: [{ name: "land" }, { name: "jahr" }, { name: "nick" }, { name: "town", required: false }] },
        { parts: [{ name: "nick" }] },
      ],
    },
    {
      name: "xp",
      split: "|",
      encrypted: [
        { name: "p", prefix: "P_" },
        { name: "x", prefix: "X_" },
      ],
    },
    {
      name: "landFull",
      split: "/",
      encrypted: [{ name: "full", prefix: "F-" }],
      signed: [{ name: "where", prefix: "W-", loc: "land" }],
    },
    {
      name: "landJahr",
      split: "#",
      signed: [
        { name: "land2", prefix: "S-", loc: "land" },
        { name: "jahr2", prefix: "Y-", loc: "jahr" },
      ],
    },
  ],
} as const;

export function searchItem(pk: string, number: number): Item {
  return {
    pk: S(pk),
    x: S(`x${number % 3}`),
    y: S(`x${number % 2}`),
    tags: { SS: ["all", `t${number % 2}`] },
    tagsToo: { SS: ["all", `t${number % 2}`] },
    p: S(`p${number % 2}`),
    nick: S(`n${number % 2}`),
    ...(number % 3 === 0 ? {} : { town: S(`t${number % 3}`) }),
    num: { N: String(number % 3) },
    m: { M: { k: S(`k${number % 2}`) } },
    first: S(["Ada", "Bob"][number % 2] ?? ""),
    last: S(["Love", "Smith", "Jones"][number % 3] ?? ""),
    mail: S(`User${number % 2}@mail${number % 3}.example`),
    ...(number === 5 ? {} : { land: S(`L${number % 2}`), jahr: { N: String(2020 + (number % 3)) } }),
  };
}

const all = [
  ...encrypted,
  "land",
  "jahr",
  "deep",
  "full",
  "initial",
  "ending",
  "host",
  "user",
  "middle",
  "c",
  "xp",
  "landFull",
  "landJahr",
  "tenant",
  "pk",
  "whole",
];
export const searchNames: Readonly<Record<string, string>> = Object.fromEntries(all.map((name) => [`#${name}`, name]));
export const searchValues: Item = {
  ":x": S("x1"),
  ":x2": S("x2"),
  ":tag": S("t1"),
  ":set": { SS: ["all", "t0"] },
  ":nick": S("n1"),
  ":num": { N: "2.0" },
  ":deep": S("k0"),
  ":full": S("AdaLove"),
  ":initial": S("B. "),
  ":ending": S("TH"),
  ":host": S("mail2.example"),
  ":user": S("user1n1"),
  ":middle": S("serp0"),
  ":c": S("S-L1.Y-2021.N-n1.C-t1"),
  ":begin": S("S-L0.Y-"),
  ":low": S("S-L0"),
  ":high": S("S-L1"),
  ":part": S("N-n1"),
  ":xp": S("P_p1|X_x1"),
  ":landFull": S("W-L0/F-AdaLove"),
  ":landJahr": S("S-L1#Y-2021"),
  ":landJahr0": S("S-L0#Y-2021"),
  ":p": S("p"),
  ":greeting": S("USmith"),
  ":land": S("L0"),
  ":acme": S("acme"),
  ":globex": S("globex"),
};

export const searchRequests: readonly [string, Request, (number: number) => boolean][] = [
  ["a standard beacon", { filter: "#x = :x" }, (n) => n % 3 === 1],
  ["a standard beacon's index", { index: "by-aws_dbe_b_x", key: "#x = :x" }, (n) => n % 3 === 1],
  ["IN", { filter: "#x IN (:x, :x2)" }, (n) => n % 3 !== 0],
  [
    "existence, AND, OR",
    { filter: "(attribute_exists(#town) AND #nick = :nick) OR #x = :x2" },
    (n) => (n % 3 !== 0 && n % 2 === 1) || n % 3 === 2,
  ],
  ["absence", { filter: "attribute_not_exists(#town)" }, (n) => n % 3 === 0],
  ["a number, spelt otherwise", { filter: "#num = :num" }, (n) => n % 3 === 2],
  ["shared beacons", { filter: "#x = #y" }, (n) => n % 3 === n % 2],
  ["a member of a set", { filter: "contains(#tags, :tag)" }, (n) => n % 2 === 1],
  ["a whole set", { filter: "#tags = :set" }, (n) => n % 2 === 0],
  ["a shared set", { filter: "contains(#tagsToo, :tag)" }, (n) => n % 2 === 1],
  ["a location", { filter: "#deep = :deep" }, (n) => n % 2 === 0],
  ["a virtual field", { index: "by-aws_dbe_b_full", key: "#full = :full" }, (n) => n % 6 === 0],
  ["prefix, insert", { filter: "#initial = :initial" }, (n) => n % 2 === 1],
  ["suffix, upper", { filter: "#ending = :ending" }, (n) => n % 3 === 1],
  ["segment", { filter: "#host = :host" }, (n) => n % 3 === 2],
  ["segments, lower", { filter: "#user = :user" }, (n) => n % 2 === 1],
  ["substring", { filter: "#middle = :middle" }, (n) => n % 2 === 0],
  ["a compound beacon", { index: "by-aws_dbe_b_c", key: "#c = :c" }, (n) => n % 6 === 1],
  ["the beginning of a compound beacon", { filter: "begins_with(#c, :begin)" }, (n) => n % 2 === 0],
  ["a range of a compound beacon", { filter: "#c BETWEEN :low AND :high" }, (n) => n % 2 === 0],
  ["a part of a compound beacon", { filter: "contains(#c, :part)" }, (n) => n % 2 === 1],
  ["parts that are only parts", { filter: "#xp = :xp" }, (n) => n % 6 === 1],
  ["a virtual field in a compound beacon", { filter: "#landFull = :landFull" }, (n) => n % 6 === 0],
  ["a signed beacon's index", { index: "by-landJahr", key: "#landJahr = :landJahr" }, (n) => n === 1],
  ["a signed attribute beside a beacon", { filter: "#land = :land AND #x = :x" }, (n) => n % 2 === 0 && n % 3 === 1],
];
