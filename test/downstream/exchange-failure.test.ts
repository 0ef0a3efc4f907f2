import { describe, expect, it } from "vitest";
import { type AuthorityErrorKind, kindByCode } from "../../src/downstream/authority-errors.ts";
import { exchangeFailureOf } from "../../src/downstream/exchange-failure.ts";
import { verifies } from "../requirements.ts";
import { refusal, secretMark } from "./fakes.ts";

const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

function failureOf(
  answer: { readonly status: number; readonly body: unknown },
  retryAfterSeconds?: number,
) {
  const body = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
  return exchangeFailureOf({ status: answer.status, body, retryAfterSeconds });
}

const expectedKinds: Readonly<Record<string, AuthorityErrorKind>> = {
  AADSTS50072: "interaction-required",
  AADSTS50074: "interaction-required",
  AADSTS50076: "interaction-required",
  AADSTS50078: "interaction-required",
  AADSTS50079: "interaction-required",
  AADSTS50097: "interaction-required",
  AADSTS50158: "interaction-required",
  AADSTS65001: "consent-missing",
  AADSTS90094: "consent-missing",
  AADSTS7000215: "credential-rejected",
  AADSTS7000222: "credential-rejected",
  AADSTS70021: "credential-rejected",
  AADSTS700211: "credential-rejected",
  AADSTS700212: "credential-rejected",
  AADSTS700213: "credential-rejected",
  AADSTS700024: "credential-rejected",
  AADSTS700027: "credential-rejected",
  AADSTS500011: "misconfigured",
  AADSTS650057: "misconfigured",
  AADSTS700016: "misconfigured",
  AADSTS7000112: "misconfigured",
  AADSTS70011: "misconfigured",
  AADSTS90002: "misconfigured",
  AADSTS50013: "assertion-rejected",
  AADSTS50027: "assertion-rejected",
  AADSTS50034: "assertion-rejected",
  AADSTS50057: "assertion-rejected",
  AADSTS50132: "assertion-rejected",
  AADSTS50133: "assertion-rejected",
  AADSTS500131: "assertion-rejected",
  AADSTS500133: "assertion-rejected",
  AADSTS50173: "assertion-rejected",
  AADSTS7000114: "assertion-rejected",
  AADSTS53000: "conditional-access-blocked",
  AADSTS53001: "conditional-access-blocked",
  AADSTS53003: "conditional-access-blocked",
  AADSTS530032: "conditional-access-blocked",
  AADSTS50196: "throttled",
  AADSTS90055: "throttled",
  AADSTS90006: "authority-unavailable",
  AADSTS90024: "authority-unavailable",
  AADSTS90033: "authority-unavailable",
};

describe("a refusal by the authority", () => {
  it.each(Object.entries(expectedKinds))(
    verifies("onbehalf.failure-reasons", "%s is %s"),
    (code, kind) => {
      const number = Number(code.slice("AADSTS".length));
      expect(failureOf(refusal(number))).toMatchObject({ kind, code });
    },
  );

  it("is in the table for each of these codes, and for no other", () => {
    expect([...kindByCode.keys()].toSorted()).toEqual(Object.keys(expectedKinds).toSorted());
  });

  it(verifies("onbehalf.interaction-required", "carries the claims for the client"), () => {
    const answer = refusal(50076, { error: "interaction_required", claims });
    expect(failureOf(answer)).toEqual({
      kind: "interaction-required",
      code: "AADSTS50076",
      claims,
    });
  });

  it.each([
    ["an unknown code with claims", refusal(55555, { claims }), claims],
    ["a session that was revoked, with claims", refusal(50133, { claims }), claims],
    ["interaction_required without claims", refusal(undefined, { error: "interaction_required" })],
    ["claims that are no JSON object", refusal(50076, { claims: `"${secretMark}` })],
    ["claims that are no text", refusal(50076, { claims: { access_token: {} } })],
  ])(
    verifies("onbehalf.interaction-required", "is interaction: %s"),
    (_what, answer, expectedClaims?: string) => {
      expect(failureOf(answer)).toMatchObject({
        kind: "interaction-required",
        claims: expectedClaims,
      });
    },
  );

  it.each([
    [
      "the first code that is known",
      refusal(99999, { error_codes: [99999, 65001] }),
      { kind: "consent-missing", code: "AADSTS65001" },
    ],
    [
      "the code that the description begins with",
      refusal(65001, { error_codes: undefined }),
      { kind: "consent-missing", code: "AADSTS65001" },
    ],
    [
      "the suberror",
      refusal(undefined, { suberror: "consent_required" }),
      { kind: "consent-missing" },
    ],
    [
      "the OAuth error invalid_client",
      refusal(undefined, { error: "invalid_client" }),
      { kind: "credential-rejected" },
    ],
    [
      "the OAuth error invalid_scope",
      refusal(undefined, { error: "invalid_scope" }),
      { kind: "misconfigured" },
    ],
    [
      "an unknown code",
      refusal(99999),
      { kind: "unexpected", code: "AADSTS99999", status: 400, got: "refusal" },
    ],
    [
      "no JSON",
      { status: 418, body: `<html>${secretMark}` },
      { kind: "unexpected", status: 418, got: "refusal" },
    ],
    [
      "fields of the wrong types",
      { status: 400, body: { error: 1, error_codes: "x", suberror: [], claims: 5 } },
      { kind: "unexpected", status: 400, got: "refusal" },
    ],
  ])(verifies("onbehalf.failure-reasons", "is judged by %s"), (_by, answer, expected) => {
    expect(failureOf(answer)).toEqual(expected);
  });

  it.each([
    [429, "throttled"],
    [500, "authority-unavailable"],
    [503, "authority-unavailable"],
  ])(verifies("onbehalf.unavailable", "with status %d is %s, with Retry-After"), (status, kind) => {
    expect(failureOf({ status, body: "<html>" }, 17)).toMatchObject({
      kind,
      retryAfterSeconds: 17,
    });
  });
});
