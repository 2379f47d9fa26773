import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type LocalKms, startLocalKms } from "../../../src/testing/index.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Beside the sources, so that packages are found from there; git ignores it. */
const folder = `${root}.cache/library-examples`;

const sections = readFileSync(`${root}docs/libraries.md`, "utf8").split(/^## /m);
const examples = sections.flatMap((section) => {
  const [, text] = /^```ts\n(.*?)^```$/ms.exec(section) ?? [];
  return text === undefined ? [] : [{ library: section.slice(0, section.indexOf("\n")), text }];
});

/** What the comments behind `console.log` promise. */
function printed(text: string): string {
  return [...text.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, answer]) => `${answer}\n`).join("");
}

/** The example as a program of this repository: its source instead of the package, and a key of the local KMS. */
function program(text: string): string {
  return text.replaceAll('from "dynaseal"', `from "${root}src/index.ts"`).replaceAll("111122223333", "000000000000");
}

describe("the examples of docs/libraries.md", () => {
  let kms: LocalKms;
  beforeAll(async () => {
    kms = await startLocalKms({ regions: ["us-east-1"] });
    await kms.createKey({ region: "us-east-1", keyId: "mrk-1234abcd12ab34cd56ef1234567890ab", multiRegion: true });
    mkdirSync(folder, { recursive: true });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await kms.stop();
  });

  test("are found", () => {
    expect(examples.map(({ library }) => library)).toEqual(["electrodb", "dynamodb-toolbox", "dynamodb-onetable", "dynamoose"]);
  });

  test.each(examples)("$library: does what it says", { timeout: 120_000 }, async ({ library, text }) => {
    const credentials = { accessKeyId: `example${library.replaceAll("-", "")}`, secretAccessKey: "local" };
    const plain = new DynamoDBClient({ region: "us-east-1", endpoint: inject("dynamoDbEndpoint"), credentials });
    const keys = [/partitionKey: "(\w+)"/, /sortKey: "(\w+)"/].map((pattern) => pattern.exec(text)?.[1] ?? "");
    await plain.send(
      new CreateTableCommand({
        TableName: "members",
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        KeySchema: keys.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? "HASH" : "RANGE" })),
      }),
    );
    plain.destroy();
    const file = `${folder}/${library}.mts`;
    writeFileSync(file, program(text));
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", file], {
      cwd: root,
      env: {
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_ENDPOINT_URL_DYNAMODB: inject("dynamoDbEndpoint"),
        AWS_ENDPOINT_URL_KMS: kms.endpoint,
        NO_COLOR: "1",
      },
    });
    expect(printed(text)).not.toBe("");
    expect(stdout).toBe(printed(text));
  });
});
