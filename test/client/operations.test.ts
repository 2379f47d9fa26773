import { startLocalGlobalTable } from "../../src/testing/index.ts";
import { clientSuite } from "../support/client-suite.ts";

clientSuite(async () => {
  const server = await startLocalGlobalTable({ regions: ["us-east-1"] });
  return { config: server.clientConfig("us-east-1"), arnsInTransactions: true, stop: () => server.stop() };
});
