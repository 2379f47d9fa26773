import { inject } from "vitest";
import { clientSuite } from "../support/client-suite.ts";

clientSuite(async () => ({
  config: {
    endpoint: inject("dynamoDbEndpoint"),
    region: "us-east-1",
    credentials: { accessKeyId: "clientsuite", secretAccessKey: "clientsuite" },
  },
  arnsInTransactions: false,
  stop: async () => undefined,
}));
