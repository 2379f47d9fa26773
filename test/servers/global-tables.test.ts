import { describe, inject } from "vitest";
import { type ClientServer, proxiedClientServer } from "../support/client-server.ts";
import { creationRaceSuite } from "../support/creation-race-suite.ts";
import { replicatedRowSuite } from "../support/replicated-row-suite.ts";

/** Tables of its own for each suite: the access key tells them apart. */
const startAs = (name: string) => (): Promise<ClientServer> => {
  const credentials = { accessKeyId: name, secretAccessKey: name };
  return proxiedClientServer({ endpoint: inject("dynamoDbEndpoint"), region: "us-east-1", credentials });
};

describe("rows of a Global Table of version 2017", () => replicatedRowSuite(startAs("replicatedrows")));
describe("creating by update", () => creationRaceSuite(startAs("creationraces")));
