import { inject } from "vitest";
import { indexSuite } from "../../support/reads/index-suite.ts";
import { onDynamoDbLocal } from "../../support/reads/read-server.ts";

indexSuite(() => onDynamoDbLocal(inject("dynamoDbEndpoint")));
