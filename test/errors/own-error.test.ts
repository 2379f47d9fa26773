import { expect, it } from "vitest";
import { DynasealError, ownError } from "../../src/errors/index.ts";

it("says the same, and can be written on by itself", () => {
  const cause = new Error("timeout");
  const error = new DynasealError("ERR_ABORTED", { details: {}, cause });
  const own = ownError(error);
  expect(own).not.toBe(error);
  expect(own).toMatchObject({ code: "ERR_ABORTED", message: error.message, hint: error.hint, cause });
  for (const one of [error, own]) Object.defineProperty(one, "request", { value: {} });
});

it("has a cause only where there was one", () => {
  const error = new DynasealError("ERR_ABORTED", { details: {} });
  expect(Object.hasOwn(ownError(error) as object, "cause")).toBe(false);
});

it("leaves other errors as they are", () => {
  const error = new TypeError("not ours");
  expect(ownError(error)).toBe(error);
});
