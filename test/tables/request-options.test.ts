import { describe, expect, it } from "vitest";
import { defaultOptions, operationOptions, requestOptions, takeRequestOptions } from "../../src/tables/request-options.ts";

describe("verifyConditions", () => {
  const strict = operationOptions({ verifyConditions: true });

  it.each([
    ["its input", { verifyConditions: false }, {}],
    ["its input by requestOptions", requestOptions({ verifyConditions: false }), {}],
    ["the options of send", {}, { verifyConditions: false }],
    ["the options of send by requestOptions", {}, requestOptions({ verifyConditions: false })],
  ])("stays on where the client has it on, whatever a request says in %s", (_, input, sendOptions) => {
    expect(takeRequestOptions(input, sendOptions, strict).options.verifyConditions).toBe(true);
  });

  it("can be turned on by a request", () => {
    expect(takeRequestOptions({ verifyConditions: true }, {}, defaultOptions).options.verifyConditions).toBe(true);
    expect(takeRequestOptions({}, {}, defaultOptions).options.verifyConditions).toBe(false);
  });

  it("is a boolean", () => {
    const invalid = expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" });
    expect(() => takeRequestOptions({ verifyConditions: "no" }, {}, strict)).toThrow(invalid);
  });
});
