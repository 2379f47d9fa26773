import { describe, inject } from "vitest";
import { type ClientServer, proxiedClientServer } from "../support/client-server.ts";
import { guardedSuite } from "../support/guarded-suite.ts";
import { lostRaceSuite } from "../support/lost-race-suite.ts";
import { rewritingSuite } from "../support/rewriting-suite.ts";

/** DynamoDB Local keeps tables apart by access key. */
const start = (accessKeyId: string) => (): Promise<ClientServer> =>
  proxiedClientServer({
    endpoint: inject("dynamoDbEndpoint"),
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey: accessKeyId },
  });

describe("guarded writes", () => guardedSuite(start("guardedsuite")));
describe("races", () => lostRaceSuite(start("lostracesuite")));
describe("rewriting", () => rewritingSuite({ start: start("rewritingsuite"), comparesMaps: true }));
