import { describe, expect, it } from "vitest";
import { readParameters } from "../../../src/gateway/http/parameters.ts";
import { verifies } from "../../requirements.ts";

const valuesOf = (text: string) => {
  const read = readParameters(text);
  return read.ok ? Object.fromEntries(read.value) : read.reason;
};

describe("parameters", () => {
  it(verifies("gateway.parameters", "are decoded; empty ones count as absent"), () => {
    expect(valuesOf("a=1+2&b=%C3%BC%26&c=&d&&e=x=y")).toEqual({ a: "1 2", b: "ü&", e: "x=y" });
    expect(valuesOf("")).toEqual({});
  });

  it.each([
    "resource=a&resource=b",
    "resource=a&resource=a",
    "resource=&resource=a",
    "resource&%72esource=a",
  ])(verifies("gateway.parameters", "that are repeated are refused: %s"), (text) => {
    expect(valuesOf(text)).toEqual({ kind: "repeated", name: "resource" });
  });

  it.each([
    "a=%",
    "a=%zz",
    "a=%C3",
    "a=%ED%A0%80",
    "a=%00",
    "a=1%0D%0ASet-Cookie:x",
    "%0A=1",
    "=1",
    `${"n".repeat(65)}=1`,
    `a=${"v".repeat(8193)}`,
    Array.from({ length: 65 }, (_, index) => `p${index}=1`).join("&"),
  ])(verifies("gateway.parameters", "that are malformed, or too many, are refused: %#"), (text) => {
    expect(valuesOf(text)).toEqual({ kind: "malformed" });
  });
});
