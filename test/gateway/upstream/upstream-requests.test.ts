import { inspect } from "node:util";
import { RestError } from "@azure/core-rest-pipeline";
import { describe, expect, it } from "vitest";
import { failure } from "../../../src/core/result.ts";
import { ended, useFakeTime } from "../../downstream/fake-time.ts";
import { type Answer, refusal, secretMark, tokenAnswer } from "../../downstream/fakes.ts";
import { verifies } from "../../requirements.ts";
import { upstreamOverFake } from "./entra.ts";

useFakeTime();

const claims = '{"access_token":{"nbf":{"essential":true,"value":"1763712000"}}}';

/** The token endpoint's answer, with a refresh token. */
const tokens = (name: string): Answer => ({
  body: {
    token_type: "Bearer",
    expires_in: 3600,
    access_token: name,
    refresh_token: `${name}-next`,
  },
});

describe("a refusal of Entra's", () => {
  const unknown = (error: string) => refusal(99999, { error });
  it.each([
    ...[50076, 50079, 50158].map((code) => [code, "refused"] as const),
    ...[50173, 700082, 70008, 700084, 50133].map((code) => [code, "refused"] as const),
    ...[50034, 50057, 53000, 53003].map((code) => [code, "refused"] as const),
    ...[65001, 90094, 7000215, 7000222, 700016].map((code) => [code, "misconfigured"] as const),
    ...[700213, 50027, 50013].map((code) => [code, "misconfigured"] as const),
    ...[50196, 90033].map((code) => [code, "unavailable"] as const),
  ])(verifies("gateway.upstream.failures", "with AADSTS%d is %s"), async (code, kind) => {
    const { upstream } = upstreamOverFake(() => refusal(code));
    const outcome = await ended(upstream.refresh("refresh-token"));
    expect(outcome).toMatchObject({ ok: false, reason: { kind, code: `AADSTS${code}` } });
  });

  it.each([
    ["invalid_grant, whatever the code", "refused", unknown("invalid_grant")],
    ["invalid_client", "misconfigured", unknown("invalid_client")],
    ["unauthorized_client", "misconfigured", unknown("unauthorized_client")],
    ["AADSTS90009", "misconfigured", refusal(90009, { error: "invalid_request" })],
    ["AADSTS9010010", "misconfigured", refusal(9010010, { error: "invalid_target" })],
    ["an answer of something else", "misconfigured", { status: 404, body: "<html>" }],
    ["a page in place of tokens", "misconfigured", { status: 200, body: "<html>" }],
  ])(verifies("gateway.upstream.failures", "with %s is %s"), async (_, kind, answer) => {
    const { upstream, lines } = upstreamOverFake(() => answer);
    const outcome = await ended(upstream.refresh("refresh-token"));
    expect(outcome).toMatchObject({ ok: false, reason: { kind } });
    expect(inspect(lines)).not.toContain(secretMark);
  });

  it(verifies("gateway.upstream.claims", "passes on what the sign-in has to fulfil"), async () => {
    const demand = refusal(50076, { error: "interaction_required", claims });
    const { upstream, lines } = upstreamOverFake(() => demand);
    expect(await ended(upstream.refresh("refresh-token"))).toEqual({
      ok: false,
      reason: { kind: "refused", code: "AADSTS50076", claims },
    });
    expect(inspect(lines)).not.toContain("1763712000");
  });

  it(verifies("gateway.upstream.misconfigured", "is an answer without refresh token"), async () => {
    const { upstream, lines } = upstreamOverFake(() => tokenAnswer("for-an-hour"));
    expect(await ended(upstream.redeemCode("code", "verifier"))).toMatchObject({
      ok: false,
      reason: { kind: "misconfigured" },
    });
    expect(lines).toMatchObject([
      { level: "error", event: "upstream.misconfigured", fields: { got: "no-refresh-token" } },
    ]);
  });
});

describe("a request", () => {
  it(
    verifies("gateway.upstream.code", "holds the code, its verifier and the callback"),
    async () => {
      const { upstream, requests } = upstreamOverFake(() => tokens("first"));
      await ended(upstream.redeemCode("the-code", "the-verifier"));
      expect(requests.map(({ form }) => form)).toMatchObject([
        {
          grant_type: "authorization_code",
          code: "the-code",
          code_verifier: "the-verifier",
          redirect_uri: "http://localhost:7071/gateway/callback",
          scope: expect.stringMatching(/^api:\/\/mcp-local\/user_impersonation .*offline_access/),
        },
      ]);
    },
  );

  it(
    verifies("gateway.upstream.unavailable", "with a code is sent once, if it was sent"),
    async () => {
      const { upstream, requests } = upstreamOverFake(() => {
        throw new RestError(secretMark, { code: "ECONNRESET" });
      });
      expect(await ended(upstream.redeemCode("code", "verifier"))).toEqual({
        ok: false,
        reason: { kind: "unavailable" },
      });
      expect(requests).toHaveLength(1);
    },
  );

  it(verifies("gateway.upstream.unavailable", "to refresh is tried again"), async () => {
    const answers = [{ status: 503, headers: { "retry-after": "2" } }, tokens("again")];
    const { upstream } = upstreamOverFake(() => answers.shift() ?? {});
    expect(await ended(upstream.refresh("refresh-token"))).toEqual({
      ok: true,
      value: { accessToken: "again", refreshToken: "again-next" },
    });
  });

  it(verifies("gateway.upstream.unavailable", "that Entra throttles says until when"), async () => {
    const throttled = { status: 429, headers: { "retry-after": "60" } };
    const { upstream } = upstreamOverFake(() => throttled);
    expect(await ended(upstream.refresh("refresh-token"))).toEqual({
      ok: false,
      reason: { kind: "unavailable", retryAfterSeconds: 60 },
    });
  });

  it(verifies("gateway.upstream.unavailable", "is not sent without an assertion"), async () => {
    const { upstream, requests } = upstreamOverFake(() => tokens("first"), {
      proof: {
        kind: "federated-assertion",
        assertion: async () => failure({ kind: "managed-identity-unavailable" }),
      },
    });
    expect(await ended(upstream.refresh("refresh-token"))).toEqual({
      ok: false,
      reason: { kind: "unavailable" },
    });
    expect(requests).toEqual([]);
  });

  it(
    verifies("gateway.upstream.unavailable", "ends when nobody waits for it any more"),
    async () => {
      const { upstream } = upstreamOverFake(() => new Promise(() => {}));
      const controller = new AbortController();
      const refreshed = upstream.refresh("refresh-token", controller.signal);
      controller.abort();
      expect(await refreshed).toEqual({ ok: false, reason: { kind: "unavailable" } });
    },
  );

  it(verifies("gateway.upstream.isolated", "meets nothing of what another has met"), async () => {
    const { upstream, requests } = upstreamOverFake(({ form }) => {
      if (form.refresh_token === "throttled") {
        return { status: 429, headers: { "retry-after": "600" } };
      }
      return form.refresh_token === "revoked" ? refusal(50173) : tokens(form.refresh_token ?? "");
    });
    await ended(upstream.refresh("throttled"));
    await ended(upstream.refresh("revoked"));
    for (const person of ["one", "two", "one"]) {
      expect(await ended(upstream.refresh(person))).toEqual({
        ok: true,
        value: { accessToken: person, refreshToken: `${person}-next` },
      });
    }
    expect(requests).toHaveLength(5);
  });
});
