import { inject } from "vitest";
import { proxiedClientServer } from "../support/client-server.ts";
import { guardedSuite } from "../support/guarded-suite.ts";

guardedSuite({
  start: () =>
    proxiedClientServer({
      endpoint: inject("dynamoDbEndpoint"),
      region: "us-east-1",
      credentials: { accessKeyId: "guardedsuite", secretAccessKey: "guardedsuite" },
    }),
  comparesMaps: true,
});
