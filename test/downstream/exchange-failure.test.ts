import { describe, expect, it } from "vitest";
import { apiToolFailure } from "../../src/downstream/api-failure.ts";
import { type AuthorityErrorKind, kindByCode } from "../../src/downstream/authority-errors.ts";
import { exchangeFailureOf } from "../../src/downstream/exchange-failure.ts";
import { verifies } from "../requirements.ts";
import { refusal, secretMark } from "./fakes.ts";

const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

function failureOf({ status, body }: { status: number; body: unknown }, retryAfter?: number) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return exchangeFailureOf({ status, body: text, retryAfterSeconds: retryAfter });
}

const expectedCodes = {
  "interaction-required": [50072, 50074, 50076, 50078, 50079, 50097, 50158],
  "consent-missing": [65001, 90094],
  "credential-rejected": [7000215, 7000222, 70021, 700211, 700212, 700213, 700024, 700027],
  misconfigured: [500011, 650057, 700016, 7000112, 70011, 90002],
  "sign-in-ended": [
    50055, 50089, 50132, 50133, 50135, 50144, 500133, 50173, 70008, 70043, 700082, 700084,
  ],
  "assertion-rejected": [50013, 50027, 50034, 50057, 500131, 7000114],
  "conditional-access-blocked": [53000, 53001, 53003, 530032],
  throttled: [50196, 90055],
  "authority-unavailable": [90006, 90024, 90033],
} satisfies Partial<Record<AuthorityErrorKind, readonly number[]>>;

const expectedKinds = Object.entries(expectedCodes).flatMap(([kind, numbers]) =>
  numbers.map((number) => ({ number, code: `AADSTS${number}`, kind })),
);

describe("a refusal by the authority", () => {
  it.each(expectedKinds)(
    verifies("onbehalf.failure-reasons", "$code is $kind"),
    ({ number, code, kind }) => {
      expect(failureOf(refusal(number))).toMatchObject({ kind, code });
    },
  );

  it("is in the table for each of these codes, and for no other", () => {
    expect([...kindByCode.keys()].toSorted()).toEqual(
      expectedKinds.map(({ code }) => code).toSorted(),
    );
  });

  it(verifies("onbehalf.failure-reasons", "asks for a new sign-in only where that helps"), () => {
    const toldFor = (number: number) =>
      apiToolFailure(
        { name: "graph", title: "Microsoft Graph" },
        { kind: "exchange-failed", failure: failureOf(refusal(number)) },
      ).message;
    expect(toldFor(50173)).toContain("Sign in to this server again");
    expect(toldFor(50013)).toContain("Signing in again does not change that");
  });

  it(verifies("onbehalf.interaction-required", "carries the claims for the client"), () => {
    const answer = refusal(50076, { error: "interaction_required", claims });
    const expected = { kind: "interaction-required", code: "AADSTS50076", claims };
    expect(failureOf(answer)).toEqual(expected);
  });

  it.each([
    ["an unknown code with claims", refusal(55555, { claims }), claims],
    ["a token that is not for exchanging, with claims", refusal(50013, { claims }), claims],
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
      refusal(99999, { error: "invalid_request" }),
      { kind: "unexpected", code: "AADSTS99999", status: 400, got: "refusal" },
    ],
    [
      "the OAuth error invalid_grant with an unknown code",
      refusal(99999),
      { kind: "unexpected", code: "AADSTS99999", status: 400, got: "invalid-grant" },
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
