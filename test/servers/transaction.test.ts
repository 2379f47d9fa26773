import { inject } from "vitest";
import { proxiedClientServer } from "../support/client-server.ts";
import { transactionSuite } from "../support/transaction-suite.ts";

transactionSuite(() =>
  proxiedClientServer({
    endpoint: inject("dynamoDbEndpoint"),
    region: "us-east-1",
    credentials: { accessKeyId: "transactions", secretAccessKey: "transactions" },
  }),
);
