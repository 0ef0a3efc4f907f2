import { describe, expect, it } from "vitest";
import { bearerChallenge, parseChallenges } from "../../../probe/shared/challenge.ts";

/** Schemes with their parameters, as plain values. */
function read(header: string) {
  return parseChallenges(header)?.map(({ scheme, parameters }) => [
    scheme,
    Object.fromEntries(parameters),
  ]);
}

describe("a WWW-Authenticate header", () => {
  it("is read as schemes with parameters", () => {
    expect(read('Bearer realm="example", scope="a b", error=invalid_token')).toEqual([
      ["Bearer", { realm: "example", scope: "a b", error: "invalid_token" }],
    ]);
    expect(read("Negotiate")).toEqual([["Negotiate", {}]]);
    expect(read("Negotiate YTpi==")).toEqual([["Negotiate", {}]]);
    expect(read("")).toEqual([]);
  });

  it("may hold several challenges", () => {
    expect(read('Basic realm="x", charset="UTF-8", Bearer scope="a"')).toEqual([
      ["Basic", { realm: "x", charset: "UTF-8" }],
      ["Bearer", { scope: "a" }],
    ]);
    expect(read('Negotiate, Basic realm="x", Negotiate YTpi, Bearer')).toEqual([
      ["Negotiate", {}],
      ["Basic", { realm: "x" }],
      ["Negotiate", {}],
      ["Bearer", {}],
    ]);
  });

  it("may have blanks, empty elements and escaped quotes", () => {
    expect(read(' , Bearer  realm = "a \\"b\\", c" ,, scope="d" ,')).toEqual([
      ["Bearer", { realm: 'a "b", c', scope: "d" }],
    ]);
  });

  it("has parameter names in any case, and says which stand twice", () => {
    const [challenge] = parseChallenges('Bearer Scope="a", scope="b"') ?? [];
    expect(challenge?.parameters.get("scope")).toBe("b");
    expect(challenge?.repeated).toEqual(["scope"]);
  });

  it("is nothing where it does not follow the grammar", () => {
    for (const header of [
      'Bearer scope="a',
      'Bearer scope="a" error="b"',
      "Bearer scope=a b",
      'Bearer ="a"',
      '"Bearer"',
      "Bearer scope=, error=x",
    ]) {
      expect([header, parseChallenges(header)]).toEqual([header, undefined]);
    }
  });

  it("yields the Bearer challenge, in whichever case its scheme is", () => {
    expect(bearerChallenge('Basic realm="x", bearer scope="a"')?.parameters.get("scope")).toBe("a");
    expect(bearerChallenge("Basic")).toBeUndefined();
    expect(bearerChallenge(undefined)).toBeUndefined();
  });
});
