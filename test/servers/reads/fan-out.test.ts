import { inject } from "vitest";
import { fanOutSuite } from "../../support/reads/fan-out-suite.ts";
import { onDynamoDbLocal } from "../../support/reads/read-server.ts";

fanOutSuite(() => onDynamoDbLocal(inject("dynamoDbEndpoint")));
