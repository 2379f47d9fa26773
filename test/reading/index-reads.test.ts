import { indexSuite } from "../support/reads/index-suite.ts";
import { inProcess } from "../support/reads/read-server.ts";

indexSuite(inProcess);
