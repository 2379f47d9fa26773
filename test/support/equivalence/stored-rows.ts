import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { isDynasealError } from "../../../src/errors/index.ts";
import type { ItemEncryptor } from "../../../src/item/index.ts";
import { canonical } from "../canonical-value.ts";
import { actionIn, type TableModel } from "./random-tables.ts";

type Row = Readonly<Record<string, AttributeValue>>;

/** Type (2 bytes) and tag (16) of an encrypted value. */
const leastCiphertext = 18;
const formatAttributes = ["aws_dbe_head", "aws_dbe_foot"];

export interface StoredRows {
  readonly model: TableModel;
  /** The rows of the plain table. */
  readonly plain: readonly Row[];
  /** The rows of the encrypted one, as they are stored. */
  readonly stored: readonly Row[];
  readonly encryptor: ItemEncryptor;
}

/** What is wrong with stored rows, one line each: a value in the clear, an attribute too many, a row that nobody can read. */
export async function rowComplaints({ model, plain, stored, encryptor }: StoredRows): Promise<readonly string[]> {
  const wanted = new Map(plain.map((row) => [keyText(row), row]));
  const found = new Map(stored.map((row) => [keyText(row), row]));
  const lone = [...wanted.keys()].filter((key) => !found.has(key)).map((key) => `${key} is not in the encrypted table`);
  const rows = [...found].map(async ([key, row]) => {
    const plainRow = wanted.get(key);
    if (plainRow === undefined) return [`${key} is only in the encrypted table`];
    const complaints = [...attributeComplaints(model, plainRow, row), ...(await contentComplaints(plainRow, row, encryptor))];
    return complaints.map((complaint) => `${key}: ${complaint}`);
  });
  return [...lone, ...(await Promise.all(rows)).flat()];
}

/** Two tables without encryption hold the same. */
export function plainComplaints(plain: readonly Row[], stored: readonly Row[]): readonly string[] {
  const texts = (rows: readonly Row[]): readonly string[] => rows.map((row) => canonical({ M: { ...row } }));
  const [wanted, found] = [texts(plain), texts(stored)];
  return [
    ...wanted.filter((row) => !found.includes(row)).map((row) => `missing: ${row}`),
    ...found.filter((row) => !wanted.includes(row)).map((row) => `too many: ${row}`),
  ];
}

function keyText({ pk, sk }: Row): string {
  return [pk, sk].map((value) => (value === undefined ? "" : canonical(value))).join(" / ");
}

function attributeComplaints(model: TableModel, plain: Row, row: Row): readonly string[] {
  const names = new Set([...Object.keys(plain), ...Object.keys(row), ...formatAttributes]);
  return [...names].flatMap((name) => {
    const value = Object.hasOwn(row, name) ? row[name] : undefined;
    const expected = Object.hasOwn(plain, name) ? plain[name] : undefined;
    if (value === undefined) return [`no attribute ${name} is stored`];
    if (formatAttributes.includes(name)) return value.B === undefined ? [`${name} is no binary`] : [];
    if (expected === undefined) return [`attribute ${name} is stored but not in the plain table`];
    if (actionIn(model, name) !== "ENCRYPT_AND_SIGN") {
      return canonical(value) === canonical(expected) ? [] : [`${name} is stored as ${canonical(value)} for ${canonical(expected)}`];
    }
    const isCiphertext = value.B !== undefined && value.B.length >= leastCiphertext && canonical(value) !== canonical(expected);
    return isCiphertext ? [] : [`${name} is stored in the clear`];
  });
}

async function contentComplaints(plain: Row, row: Row, encryptor: ItemEncryptor): Promise<readonly string[]> {
  try {
    const { item } = await encryptor.decryptItem(row);
    const [wanted, found] = [plain, item].map((one) => canonical({ M: { ...one } }));
    return wanted === found ? [] : [`decrypts to ${found} instead of ${wanted}`];
  } catch (error) {
    if (!isDynasealError(error)) throw error;
    return [`cannot be decrypted: ${error.code} ${error.message}`];
  }
}
