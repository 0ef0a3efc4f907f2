import { expect, it } from "vitest";
import { readCookies } from "../../../src/gateway/http/cookies.ts";
import { verifies } from "../../requirements.ts";

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

it(verifies("gateway.parameters", "many blanks in a cookie take no time"), () => {
  const blanks = " \t".repeat(32_000);
  const startedAt = performance.now();
  expect(readCookies(`a${blanks}b=c${blanks}d`).get(`a${blanks}b`)).toBe(`c${blanks}d`);
  expect(performance.now() - startedAt).toBeLessThan(1000);
});
