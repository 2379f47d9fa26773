import { validationException } from "./service-exception.ts";
import { isRecord, type WireBody } from "./wire.ts";

const tableArn = /^arn:[\w-]+:dynamodb:([\w-]+):\d{12}:table\/([^/]+)$/;
const actionKinds = ["ConditionCheck", "Put", "Update", "Delete", "Get"] as const;

/** A request whose table ARNs are reduced to names, and the way back for an answer that is keyed by table. */
export interface NamedRequest {
  readonly body: WireBody;
  readonly answer: (answer: WireBody) => WireBody;
}

/**
 * The service takes a table's ARN wherever it takes a name; dynalite does not. An ARN of another Region is refused, as
 * the service does.
 */
export function withTableNames(body: WireBody, region: string): NamedRequest {
  const given = new Map<string, string>();
  const nameOf = (nameOrArn: unknown): unknown => {
    const [, arnRegion, name] = (typeof nameOrArn === "string" && tableArn.exec(nameOrArn)) || [];
    if (name === undefined) return nameOrArn;
    if (arnRegion !== region) throw validationException(`The table ARN names Region ${arnRegion}, the request went to ${region}`);
    given.set(name, String(nameOrArn));
    return name;
  };
  const named = {
    ...body,
    ...("TableName" in body && { TableName: nameOf(body.TableName) }),
    ...(isRecord(body.RequestItems) && { RequestItems: rekeyed(body.RequestItems, nameOf) }),
    ...(Array.isArray(body.TransactItems) && { TransactItems: body.TransactItems.map((entry: unknown) => namedEntry(entry, nameOf)) }),
  };
  if (given.size === 0) return { body, answer: (answer) => answer };
  const givenOf = (name: unknown): unknown => given.get(String(name)) ?? name;
  return {
    body: named,
    answer(answer) {
      const members = ["Responses", "UnprocessedKeys", "UnprocessedItems"].flatMap((member) => {
        const value = answer[member];
        return isRecord(value) ? [[member, rekeyed(value, givenOf)] as const] : [];
      });
      return { ...answer, ...Object.fromEntries(members) };
    },
  };
}

function namedEntry(entry: unknown, nameOf: (nameOrArn: unknown) => unknown): unknown {
  if (!isRecord(entry)) return entry;
  const kind = actionKinds.find((name) => isRecord(entry[name]));
  const action = kind && entry[kind];
  return kind && isRecord(action) ? { ...entry, [kind]: { ...action, TableName: nameOf(action.TableName) } } : entry;
}

function rekeyed(record: WireBody, rename: (key: unknown) => unknown): WireBody {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [String(rename(key)), value]));
}
