/**
 * The function that the workflow of this folder calls: one run of a table job, in as many segments as its input says.
 * The checkpoints stand in a table of their own, so that the workflow sees numbers only.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { tableCheckpoints, tableJob, tableJobHandler, UnitBucket } from "../../src/jobs/index.ts";
import { loadTable } from "../../src/node/index.ts";

const { TABLE = "customers", CHECKPOINT_TABLE = "table-job-checkpoints", WRITE_UNITS = "50" } = process.env;
const client = new DynamoDBClient({});

/** Of each function that runs: the workflow's MaxConcurrency times this is the rate of the whole job. */
const writeUnits = new UnitBucket({ unitsPerSecond: Number(WRITE_UNITS), clock: { now: () => Date.now() } });

export const handler = tableJobHandler({
  job: tableJob({ job: "encrypt", client, writeUnits, ...loadTable("dynaseal.config.json", TABLE) }),
  checkpoints: (run) => tableCheckpoints({ client, checkpointTable: CHECKPOINT_TABLE, run }),
});
