import { startClientServer } from "../support/client-server.ts";
import { guardedSuite } from "../support/guarded-suite.ts";

guardedSuite({ start: () => startClientServer(), comparesMaps: false });
