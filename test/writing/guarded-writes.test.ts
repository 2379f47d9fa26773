import { describe } from "vitest";
import { startClientServer } from "../support/client-server.ts";
import { guardedSuite } from "../support/guarded-suite.ts";
import { lostRaceSuite } from "../support/lost-race-suite.ts";
import { rewritingSuite } from "../support/rewriting-suite.ts";

const start = () => startClientServer();

describe("guarded writes", () => guardedSuite(start));
describe("races", () => lostRaceSuite(start));
describe("rewriting", () => rewritingSuite({ start, comparesMaps: false }));
