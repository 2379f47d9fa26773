import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Entity, item, list, map, number, set, string, Table } from "dynamodb-toolbox";
import { tableName } from "./library-suite.ts";

/** A single-table design with two entities; the keys of the index follow their attributes on updates too. */
export function toolboxEntities(documentClient: DynamoDBDocumentClient) {
  const table = new Table({
    documentClient,
    name: tableName,
    partitionKey: { name: "pk", type: "string" },
    sortKey: { name: "sk", type: "string" },
    indexes: {
      byCity: { type: "global", partitionKey: { name: "gsi1pk", type: "string" }, sortKey: { name: "gsi1sk", type: "string" } },
    },
  });
  const member = new Entity({
    name: "Member",
    table,
    schema: item({
      org: string().key(),
      id: string().key(),
      city: string(),
      joined: string(),
      name: string(),
      email: string().optional().savedAs("mail"),
      balance: number().optional(),
      address: map({ street: string(), floor: number() }).optional(),
      notes: list(string()).optional(),
      tags: set(string()).optional(),
      visits: number().optional(),
    }).and((prev) => ({
      gsi1pk: string()
        .hidden()
        .link<typeof prev>(({ city }) => `CITY#${city}`)
        .updateLink<typeof prev>(({ city }) => (city === undefined ? undefined : `CITY#${city}`)),
      gsi1sk: string()
        .hidden()
        .link<typeof prev>(({ joined }) => joined)
        .updateLink<typeof prev>(({ joined }) => joined),
    })),
    computeKey: ({ org, id }) => ({ pk: `ORG#${org}`, sk: `MEMBER#${id}` }),
  });
  const letter = new Entity({
    name: "Letter",
    table,
    schema: item({ org: string().key(), id: string().key(), text: string() }),
    computeKey: ({ org, id }) => ({ pk: `ORG#${org}`, sk: `LETTER#${id}` }),
    timestamps: false,
  });
  return { table, member, letter };
}
