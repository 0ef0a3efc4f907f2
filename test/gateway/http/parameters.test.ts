import { describe, expect, it } from "vitest";
import { readCookies, readParameters } from "../../../src/gateway/http/parameters.ts";
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

it(verifies("gateway.parameters", "a cookie that comes twice does not count"), () => {
  const cookies = readCookies("__Host-a=1; b=2=3; __Host-a=4; c; d = 5");
  expect(Object.fromEntries(cookies)).toEqual({ b: "2=3", d: "5" });
  expect(readCookies(null).size).toBe(0);
});

it.each(["\u00a0", "\u0085", "\u000b", "\u000c", "\ufeff", "\u2003", "\u3000"])(
  verifies("gateway.parameters", "a cookie keeps what a browser counts to its name: %j"),
  (character) => {
    for (const name of [`${character}__Host-a`, `__Host-a${character}`]) {
      expect(Object.fromEntries(readCookies(`${name}=1;\t __Host-a \t= 2 `))).toEqual({
        [name]: "1",
        "__Host-a": "2",
      });
    }
  },
);
