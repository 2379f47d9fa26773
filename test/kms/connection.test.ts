import { KMSClient } from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KmsConnection, type KmsIdentifier, type KmsTarget, type MultiRegionKmsOptions, parseKmsIdentifier } from "../../src/kms/index.ts";

const id = "mrk-4321abcd12ab34cd56ef1234567890ab";
const arnIn = (region: string, resource = `key/${id}`): string => `arn:aws:kms:${region}:222222222222:${resource}`;
const identifier = (text: string): KmsIdentifier => parseKmsIdentifier(text) as KmsIdentifier;
const asked = async (target: KmsTarget): Promise<KmsTarget> => target;

/** The SDK's own configuration must not decide what these tests see. */
const variables = ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] as const;
let kept: (string | undefined)[] = [];
beforeEach(() => {
  kept = variables.map((name) => process.env[name]);
  delete process.env["AWS_REGION"];
  delete process.env["AWS_DEFAULT_REGION"];
  process.env["AWS_CONFIG_FILE"] = "/dev/null";
  process.env["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null";
});
afterEach(() => {
  for (const [index, name] of variables.entries()) {
    const value = kept[index];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

describe("which replica of a multi-Region key is asked", () => {
  const key = identifier(arnIn("us-east-1"));
  const client = new KMSClient({ region: "ap-south-1" });
  it.each<[string, MultiRegionKmsOptions, string | undefined, string]>([
    ["the option first", { region: "eu-central-1" }, "eu-west-1", "eu-central-1"],
    ["then the Region of a given client", { client }, "eu-west-1", "ap-south-1"],
    ["then the wrapped client's", {}, "eu-west-1", "eu-west-1"],
    ["then that of the ARN", {}, undefined, "us-east-1"],
  ])("%s", async (_what, options, region, expected) => {
    const target = await new KmsConnection(options).inOwnRegion(key, { region }, asked);
    expect(target).toEqual({ keyId: arnIn(expected), region: expected });
  });

  it("the SDK's own configuration before the ARN", async () => {
    process.env["AWS_REGION"] = "sa-east-1";
    expect(await new KmsConnection({}).inOwnRegion(key, {}, asked)).toEqual({ keyId: arnIn("sa-east-1"), region: "sa-east-1" });
  });

  it("leaves every other key as it is configured", async () => {
    const single = arnIn("us-east-1", "key/1234abcd-12ab-34cd-56ef-1234567890ab");
    const alias = arnIn("us-east-1", "alias/mrk-x");
    const connection = new KmsConnection({ region: "eu-west-1" });
    expect(await connection.inOwnRegion(identifier(single), {}, asked)).toEqual({ keyId: single, region: "us-east-1" });
    expect(await connection.inOwnRegion(identifier(alias), {}, asked)).toEqual({ keyId: alias, region: "us-east-1" });
    expect(await connection.inOwnRegion(identifier("alias/x"), {}, asked)).toEqual({ keyId: "alias/x", region: "eu-west-1" });
    expect(await connection.inOwnRegion(identifier(id), {}, asked)).toEqual({ keyId: id, region: "eu-west-1" });
    expect(await connection.asConfigured(key, {}, asked)).toEqual({ keyId: key.text, region: "us-east-1" });
  });

  it("fails where nothing names a Region", async () => {
    for (const text of ["alias/x", id]) {
      await expect(new KmsConnection({}).inOwnRegion(identifier(text), {}, asked)).rejects.toMatchObject({
        code: "ERR_KMS_REGION_UNKNOWN",
        details: { keyId: text },
      });
    }
  });
});

describe("clients", () => {
  it("asks the supplier once a Region, and again after it failed", async () => {
    const regions: string[] = [];
    const connection = new KmsConnection({
      clientSupplier: async (region) => {
        regions.push(region);
        if (regions.length === 1) throw new Error("no role yet");
        return new KMSClient({ region });
      },
    });
    const clientOf = (region: string): Promise<KMSClient> => connection.run(region, async (client) => client);
    await expect(clientOf("eu-west-1")).rejects.toThrow("no role yet");
    const [one, two] = await Promise.all([clientOf("eu-west-1"), clientOf("eu-west-1")]);
    expect(one).toBe(two);
    expect(regions).toEqual(["eu-west-1", "eu-west-1"]);
  });

  it("makes a client of the Region by default", async () => {
    const region = await new KmsConnection({}).run("eu-north-1", (client) => client.config.region());
    expect(region).toBe("eu-north-1");
  });

  const client = new KMSClient({ region: "eu-west-1" });
  it.each<[MultiRegionKmsOptions, string]>([
    [{ client, clientSupplier: () => client }, "clientSupplier"],
    [{ client, failover: { regions: ["us-east-1"] } }, "client"],
    [{ failover: { regions: [] } }, "failover.regions"],
    [{ timeoutSeconds: 0 }, "a time-out"],
    [{ failover: { regions: ["us-east-1"], deadlineSeconds: Number.NaN } }, "a time-out"],
    [{ grantTokens: Array.from({ length: 11 }, () => "t") }, "grantTokens"],
    [{ grantTokens: { "eu-west-1": [""] } }, "grantTokens"],
  ])("refuses %o", (options, argument) => {
    expect(() => new KmsConnection(options)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARGUMENT", details: expect.objectContaining({ argument }) }),
    );
  });
});
