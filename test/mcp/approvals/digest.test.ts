import { expect, it } from "vitest";
import { digestOf } from "../../../src/mcp/approvals/handles.ts";
import { verifies } from "../../requirements.ts";

it(verifies("approval.bound", "values are the same in whatever order their members stand"), () => {
  const digest = digestOf({ b: [{ y: 1, x: 2 }], a: { d: null, c: "text" } });
  expect(digestOf({ a: { c: "text", d: null }, b: [{ x: 2, y: 1 }] })).toBe(digest);
  expect(digestOf({ a: { c: "text", d: null }, b: [{ x: 2, y: 1 }], e: undefined })).toBe(digest);
  expect(digest).toMatch(/^[\w-]{43}$/);
});

it("values that differ have different digests", () => {
  const values = [
    {},
    { a: 1 },
    { a: "1" },
    { a: null },
    { a: [] },
    { a: {} },
    { a: [1, 2] },
    { a: [2, 1] },
    { a: { b: 1 } },
    { a: '{"b":1}' },
    { b: 1 },
    { a: 1, b: 1 },
    [{ a: 1 }],
  ];
  expect(new Set(values.map(digestOf)).size).toBe(values.length);
});
