import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isMultiRegionKey,
  type KmsIdentifier,
  multiRegionMatch,
  parseKmsArn,
  parseKmsIdentifier,
  parseKmsKeyArn,
  regionalKeyArn,
} from "../../src/kms/index.ts";

const mrk = "arn:aws:kms:us-east-1:222222222222:key/mrk-4321abcd12ab34cd56ef1234567890ab";
const single = "arn:aws:kms:us-east-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const alias = "arn:aws:kms:us-west-2:111122223333:alias/mrk-test/key";

function identifier(text: string): KmsIdentifier {
  const parsed = parseKmsIdentifier(text);
  if (parsed === undefined) throw new Error(`${text} was not parsed`);
  return parsed;
}

// @see framework/aws-kms/aws-kms-key-arn.md "A valid AWS KMS ARN", "Identifying an an AWS KMS multi-Region ARN"
// @see framework/aws-kms/aws-kms-key-arn.md "Identifying an an AWS KMS multi-Region identifier"
// @see framework/aws-kms/aws-kms-mrk-match-for-decrypt.md "Implementation"
describe("KMS identifiers", () => {
  it("takes an ARN apart", () => {
    expect(parseKmsArn(alias)).toEqual({
      text: alias,
      partition: "aws",
      region: "us-west-2",
      account: "111122223333",
      resourceType: "alias",
      resourceId: "mrk-test/key",
    });
    expect(parseKmsKeyArn(alias)).toBeUndefined();
    expect(parseKmsKeyArn(mrk)?.region).toBe("us-east-1");
  });

  it.each([
    "arn:aws:kms:us-east-1:222222222222:key",
    "arn:aws:kms:us-east-1:222222222222:key/",
    "arn:aws:kms:us-east-1:222222222222:/mrk-1",
    "arn:aws:kms:us-east-1:222222222222:key:mrk-1",
    "arn:aws:kms:us-east-1:222222222222:grant/mrk-1",
    "arn:aws:kms:us-east-1::key/mrk-1",
    "arn:aws:kms::222222222222:key/mrk-1",
    "arn:aws:kmss:us-east-1:222222222222:key/mrk-1",
    "arn::kms:us-east-1:222222222222:key/mrk-1",
    "arn:aws:kms:us-east-1:222222222222:key/mrk-1:more",
    "arn:aws:kms:evil.example/:222222222222:key/mrk-1",
    "arn:aws:kms:us-east-1:222222222222:key/ä",
    "key/1234",
    "alias/",
    "other/thing",
    "",
    `arn:aws:kms:us-east-1:222222222222:key/${"x".repeat(2048)}`,
  ])("refuses %s", (text) => {
    expect(parseKmsIdentifier(text)).toBeUndefined();
    expect(parseKmsArn(text)).toBeUndefined();
  });

  it.each([
    [mrk, true],
    ["mrk-4321abcd12ab34cd56ef1234567890ab", true],
    [single, false],
    [alias, false],
    ["alias/mrk-someone", false],
    ["1234abcd-12ab-34cd-56ef-1234567890ab", false],
  ])("%s is a multi-Region key: %s", (text, expected) => {
    expect(isMultiRegionKey(identifier(text))).toBe(expected);
  });

  it("moves an ARN to another Region and back", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{2}-[a-z]{4,9}-[1-9]$/), (region) => {
        const arn = parseKmsArn(mrk);
        const moved = parseKmsArn(arn === undefined ? "" : regionalKeyArn(arn, region));
        expect(moved?.region).toBe(region);
        expect(moved && regionalKeyArn(moved, "us-east-1")).toBe(mrk);
      }),
    );
  });

  it.each([
    ["the same text", single, single, true],
    ["two replicas", mrk, mrk.replace("us-east-1", "eu-west-1"), true],
    ["single-Region keys of two Regions", single, single.replace("us-east-1", "eu-west-1"), false],
    ["another account", mrk, mrk.replace("222222222222", "333333333333"), false],
    ["another partition", mrk, mrk.replace("arn:aws:", "arn:aws-cn:"), false],
    ["another key", mrk, mrk.replace("mrk-4", "mrk-5"), false],
    ["a single-Region key", mrk, single, false],
    ["a bare id", "mrk-4321abcd12ab34cd56ef1234567890ab", mrk, false],
    ["an alias", alias, mrk, false],
  ])("matches for decrypt: %s", (_what, configured, stored, expected) => {
    const arn = parseKmsArn(stored);
    expect(arn !== undefined && multiRegionMatch(identifier(configured), arn)).toBe(expected);
  });
});
