import { describe, expect, it } from "vitest";
import { kmsSdk } from "../../src/kms/sdk.ts";

const failing = (message: string, code: string) => (): Promise<never> => Promise.reject(Object.assign(new Error(message), { code }));

describe("the KMS client of the AWS SDK", () => {
  it("is the installed package", async () => {
    expect(await kmsSdk()).toHaveProperty("DecryptCommand");
  });

  it.each([
    ["Cannot find package '@aws-sdk/client-kms' imported from /app/dynaseal.mjs", "ERR_MODULE_NOT_FOUND"],
    ["Cannot find module '@aws-sdk/client-kms'\nRequire stack:\n- /app/dynaseal.cjs", "MODULE_NOT_FOUND"],
  ])("is named where it is not installed: %s", async (message, code) => {
    await expect(kmsSdk(failing(message, code))).rejects.toMatchObject({ code: "ERR_KMS_CLIENT_NOT_INSTALLED" });
  });

  it.each([
    ["Cannot find package 'tslib' imported from /app/node_modules/@aws-sdk/client-kms/index.js", "ERR_MODULE_NOT_FOUND"],
    ["Unexpected token", "ERR_INVALID"],
  ])("fails as it does where it is installed and broken: %s", async (message, code) => {
    await expect(kmsSdk(failing(message, code))).rejects.toMatchObject({ message, code });
  });
});
