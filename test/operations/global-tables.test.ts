import { describe } from "vitest";
import { startClientServer } from "../support/client-server.ts";
import { creationRaceSuite } from "../support/creation-race-suite.ts";
import { replicatedRowSuite } from "../support/replicated-row-suite.ts";

describe("rows of a Global Table of version 2017", () => replicatedRowSuite(() => startClientServer()));
describe("creating by update", () => creationRaceSuite(() => startClientServer()));
