import { expect, it } from "vitest";
import { changedAttributes } from "../../src/streams/index.ts";

it("names what was added, changed and removed, in order", () => {
  const oldImage = { id: { S: "1" }, gone: { S: "x" }, changed: { N: "1" }, type: { S: "1" }, same: { S: "s" } };
  const newImage = { id: { S: "1" }, changed: { N: "2" }, type: { N: "1" }, same: { S: "s" }, __new: { BOOL: false } };
  expect(changedAttributes({ oldImage, newImage })).toEqual(["__new", "changed", "gone", "type"]);
});

it("compares values as DynamoDB means them", () => {
  const oldImage = {
    n: { N: "1.50" },
    s: { SS: ["a", "b"] },
    b: { BS: [Uint8Array.of(1), Uint8Array.of(2)] },
    m: { M: { x: { N: "1e2" } } },
  };
  const newImage = {
    n: { N: "1.5" },
    s: { SS: ["b", "a"] },
    b: { BS: [Uint8Array.of(2), Uint8Array.of(1)] },
    m: { M: { x: { N: "100" } } },
  };
  expect(changedAttributes({ oldImage, newImage })).toEqual([]);
  expect(changedAttributes({ oldImage: { l: { L: [{ S: "a" }, { S: "b" }] } }, newImage: { l: { L: [{ S: "b" }, { S: "a" }] } } })).toEqual(
    ["l"],
  );
});

it("takes an item that appears or goes for one of which everything changed", () => {
  const image = { id: { S: "1" }, email: { S: "x" } };
  expect(changedAttributes({ newImage: image })).toEqual(["email", "id"]);
  expect(changedAttributes({ oldImage: image, newImage: undefined })).toEqual(["email", "id"]);
  expect(changedAttributes({})).toEqual([]);
});

it("leaves out what is not the application's own, and does not trip over __proto__", () => {
  const oldImage = JSON.parse('{"__proto__":{"S":"a"},"aws_dbe_b_email":{"S":"1"},"aws:rep:updatetime":{"N":"1"}}');
  const newImage = JSON.parse('{"__proto__":{"S":"b"},"aws_dbe_b_email":{"S":"2"},"aws:rep:updatetime":{"N":"2"}}');
  expect(changedAttributes({ oldImage, newImage })).toEqual(["__proto__"]);
});
