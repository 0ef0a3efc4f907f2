import { describe, expect, it } from "vitest";
import { claimsOfChallenge } from "../../src/downstream/claims-challenge.ts";
import { verifies } from "../requirements.ts";

const claims = '{"access_token":{"nbf":{"essential":true,"value":"1763712000"}}}';
const base64 = (text: string) => Buffer.from(text).toString("base64");
const encoded = base64(claims);
const bearer = (parameters: string) =>
  `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000", ${parameters}`;
/** Graph's challenge for claims, encoded already. */
const demanding = (encodedClaims: string) =>
  bearer(`error="insufficient_claims", claims="${encodedClaims}"`);

describe("a claims challenge", () => {
  it.each([
    ["as Graph writes it", demanding(encoded)],
    ["in another order", bearer(`claims="${encoded}", error="insufficient_claims"`)],
    ["with the scheme in lower case", `bearer error="insufficient_claims", claims="${encoded}"`],
    [
      "after another challenge",
      `PoP nonce="abc", error="insufficient_claims", ${demanding(encoded)}`,
    ],
    ["in base64url without padding", demanding(Buffer.from(claims).toString("base64url"))],
  ])(verifies("onbehalf.challenge-header", "is read %s"), (_how, header) => {
    expect(claimsOfChallenge(header)).toBe(claims);
  });

  it.each([
    ["no header", undefined],
    ["no challenge", ""],
    ["another error", bearer(`error="invalid_token", claims="${encoded}"`)],
    ["no claims", bearer('error="insufficient_claims"')],
    ["claims that are no JSON", demanding("bm90IGpzb24=")],
    ["claims that are no object", demanding(base64("[1]"))],
    ["claims beyond any sense", demanding(base64(JSON.stringify({ a: "a".repeat(9000) })))],
    [
      "claims that no header can hold",
      demanding(base64(JSON.stringify({ a: "\u4e00".repeat(4000) }))),
    ],
    ["another scheme", `PoP error="insufficient_claims", claims="${encoded}"`],
    [
      "parameters of two challenges",
      `Bearer error="insufficient_claims", PoP nonce="abc", claims="${encoded}"`,
    ],
  ])(verifies("onbehalf.challenge-header", "is not seen in %s"), (_what, header) => {
    expect(claimsOfChallenge(header)).toBeUndefined();
  });

  it.each(["a", "a ", " ", "a=", 'b="', ",a", ", a b", "\t", '",'])(
    verifies("onbehalf.challenge-header", "is looked for in linear time among %j"),
    (repeated) => {
      const hostile = `Bearer ${repeated.repeat(200_000)}`;
      const began = performance.now();
      expect(claimsOfChallenge(hostile)).toBeUndefined();
      expect(performance.now() - began).toBeLessThan(5_000);
    },
  );
});
