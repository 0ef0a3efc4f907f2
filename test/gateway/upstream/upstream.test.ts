import { inspect } from "node:util";
import { ManagedIdentityCredential } from "@azure/identity";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import {
  accounts,
  apiClientId,
  gatewayClientId,
  gatewayClientSecret,
  managedIdentityClientId,
} from "../../../local/directory.ts";
import { startManagedIdentityEndpoint } from "../../../local/managed-identity/endpoint.ts";
import { createClientProof } from "../../../src/downstream/client-proof.ts";
import { logBook } from "../../downstream/fakes.ts";
import {
  claimsOf,
  gatewayCallback,
  qualifiedScope,
  sharedAuthority,
  tenantWith,
  testAuthority,
  user1,
  user1ObjectId,
} from "../../local/authority/support.ts";
import { verifies } from "../../requirements.ts";
import { value } from "../../support/value.ts";
import { codeFrom, pkce, signInWith, upstreamOf } from "./entra.ts";

const shared = await sharedAuthority(tenantWith());
const ownAuthority = () => testAuthority({ tenant: tenantWith() });

const stepUp = JSON.stringify({ access_token: { acrs: { essential: true, value: "c1" } } });

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The proof of production, with the managed identity of the laptop. */
async function managedIdentityProof() {
  const identity = await startManagedIdentityEndpoint({ authority: shared });
  onTestFinished(() => identity.close());
  vi.stubEnv("IDENTITY_ENDPOINT", identity.endpoint);
  vi.stubEnv("IDENTITY_HEADER", identity.header);
  const { log } = logBook();
  return createClientProof({
    credential: {
      kind: "managed-identity",
      identity: new ManagedIdentityCredential({ clientId: managedIdentityClientId }),
    },
    tokenExchangeAudience: "api://AzureADTokenExchange",
    now: Date.now,
    monotonicNow: Date.now,
    log,
  });
}

describe("where the browser goes", () => {
  it(verifies("gateway.upstream.front-channel", "is the issuer's page, for a code"), async () => {
    const { upstream } = await upstreamOf(shared);
    const { codeChallenge } = pkce();
    const url = new URL(upstream.authorizationUrl({ state: "s", codeChallenge }));
    expect(url.origin + url.pathname).toBe(`${shared.base}/oauth2/v2.0/authorize`);
    const { claims = "", scope = "", ...rest } = Object.fromEntries(url.searchParams);
    expect(rest).toEqual({
      client_id: gatewayClientId,
      response_type: "code",
      response_mode: "query",
      redirect_uri: gatewayCallback,
      state: "s",
      code_challenge: codeChallenge,
      code_challenge_method: "S256",
    });
    expect(scope.split(" ").sort()).toEqual(
      [qualifiedScope, "offline_access", "openid", "profile"].sort(),
    );
    expect(JSON.parse(claims)).toEqual({ access_token: { xms_cc: { values: ["CP1"] } } });
  });

  it(
    verifies("gateway.upstream.front-channel", "asks anew, and for whom, where told"),
    async () => {
      const { upstream } = await upstreamOf(shared);
      const { codeChallenge } = pkce();
      const signIn = { state: "s", codeChallenge, isFresh: true, loginHint: user1 };
      const { searchParams } = new URL(upstream.authorizationUrl(signIn));
      expect(searchParams.get("prompt")).toBe("login");
      expect(searchParams.get("login_hint")).toBe(user1);
    },
  );

  it(verifies("gateway.upstream.claims", "says what the sign-in has to fulfil"), async () => {
    const { upstream } = await upstreamOf(shared);
    const demanded = '{"id_token":{"x":null},"access_token":{"nbf":{"value":"1"}}}';
    const { codeChallenge } = pkce();
    const url = upstream.authorizationUrl({ state: "s", codeChallenge, claims: demanded });
    expect(JSON.parse(new URL(url).searchParams.get("claims") ?? "")).toEqual({
      id_token: { x: null },
      access_token: { nbf: { value: "1" }, xms_cc: { values: ["CP1"] } },
    });
    const tokens = value(await signInWith(shared, upstream, { claims: stepUp }));
    expect(claimsOf(tokens.accessToken)).toMatchObject({ acrs: ["c1"], xms_cc: ["cp1"] });
  });
});

describe("a sign-in", () => {
  it.each([
    ["its secret", async () => ({}), "1"],
    [
      "the managed identity's assertion",
      async () => ({ proof: await managedIdentityProof() }),
      "2",
    ],
  ])(
    verifies("gateway.upstream.tokens", "brings tokens for the API, which refresh, with %s"),
    async (_, changes, azpacr) => {
      const { upstream, requests, lines } = await upstreamOf(shared, await changes());
      const { state, code, codeVerifier } = await codeFrom(shared, upstream);
      expect(state).toBe("the-state");
      const first = value(await upstream.redeemCode(code, codeVerifier));
      const second = value(await upstream.refresh(first.refreshToken));
      for (const { accessToken } of [first, second]) {
        expect(claimsOf(accessToken)).toMatchObject({
          iss: shared.issuer,
          aud: apiClientId,
          azp: gatewayClientId,
          azpacr,
          oid: user1ObjectId,
          scp: "user_impersonation",
          xms_cc: ["cp1"],
        });
      }
      expect(second.accessToken).not.toBe(first.accessToken);
      expect(second.refreshToken).not.toBe(first.refreshToken);

      const tokenEndpoint = `POST ${shared.authorityHost}/${shared.tenant.id}/oauth2/v2.0/token`;
      expect(requests.map((request) => request.split("?")[0])).toEqual([
        tokenEndpoint,
        tokenEndpoint,
      ]);
      expect(lines).toEqual([]);
    },
  );

  it(verifies("gateway.upstream.code", "is refused with another verifier, and twice"), async () => {
    const { upstream } = await upstreamOf(shared);
    const { code, codeVerifier } = await codeFrom(shared, upstream);
    expect(await upstream.redeemCode(code, pkce().codeVerifier)).toMatchObject({
      reason: { kind: "refused", code: "AADSTS501481" },
    });
    value(await upstream.redeemCode(code, codeVerifier));
    expect(await upstream.redeemCode(code, codeVerifier)).toMatchObject({
      reason: { kind: "refused", code: "AADSTS54005" },
    });
  });

  it(
    verifies("gateway.upstream.isolated", "gives each person their own, all at once"),
    async () => {
      const { upstream } = await upstreamOf(shared);
      const people = [...accounts, ...accounts, ...accounts];
      const codes = await Promise.all(
        people.map(({ username }) => codeFrom(shared, upstream, { username })),
      );
      const redeemed = await Promise.all(
        codes.map(({ code, codeVerifier }) => upstream.redeemCode(code, codeVerifier)),
      );
      const refreshed = await Promise.all(
        redeemed.map((tokens) => upstream.refresh(value(tokens).refreshToken)),
      );
      for (const answers of [redeemed, refreshed]) {
        expect(answers.map((tokens) => claimsOf(value(tokens).accessToken).oid)).toEqual(
          people.map(({ objectId }) => objectId),
        );
      }
    },
  );
});

describe("what Entra refuses the person", () => {
  it.each([
    ["revoked sign-ins", { revokeSessions: true }, "AADSTS50173"],
    ["a disabled account", { enabled: false }, "AADSTS50057"],
  ])(verifies("gateway.upstream.refused", "at refresh: %s"), async (_, change, code) => {
    const authority = await ownAuthority();
    const { upstream, lines } = await upstreamOf(authority);
    const mine = value(await signInWith(authority, upstream));
    const others = value(
      await signInWith(authority, upstream, { username: "user2@contoso.example" }),
    );
    await authority.change({ username: user1, ...change });
    expect(await upstream.refresh(mine.refreshToken)).toEqual({
      ok: false,
      reason: { kind: "refused", code },
    });
    expect(lines).toMatchObject([{ level: "info", event: "upstream.refused", fields: { code } }]);
    value(await upstream.refresh(others.refreshToken));
  });

  it(verifies("gateway.upstream.claims", "may be mended by a sign-in with claims"), async () => {
    const authority = await ownAuthority();
    const { upstream } = await upstreamOf(authority);
    const before = value(await signInWith(authority, upstream));
    authority.demand({ username: user1, at: "refresh" });
    const refused = await upstream.refresh(before.refreshToken);
    expect(refused).toEqual({
      ok: false,
      reason: { kind: "refused", code: "AADSTS50076", claims: stepUp },
    });
    const after = value(await signInWith(authority, upstream, { claims: stepUp }));
    value(await upstream.refresh(after.refreshToken));
  });
});

describe("what is wrong with the registration", () => {
  it.each([
    [
      "the secret",
      { proof: { kind: "client-secret", clientSecret: "do-not-show" } },
      "AADSTS7000215",
    ],
    ["the client id", { clientId: "do-not-show" }, "AADSTS700016"],
    ["the scope", { scope: "api://elsewhere/user_impersonation" }, "AADSTS500011"],
  ] as const)(
    verifies("gateway.upstream.misconfigured", "ends nothing and is logged: %s"),
    async (_, changes, code) => {
      const good = value(await signInWith(shared, (await upstreamOf(shared)).upstream));
      const { upstream, lines } = await upstreamOf(shared, changes);
      expect(await upstream.refresh(good.refreshToken)).toEqual({
        ok: false,
        reason: { kind: "misconfigured", code },
      });
      expect(lines).toMatchObject([
        { level: "error", event: "upstream.misconfigured", fields: { grant: "refresh", code } },
      ]);
      const shown = inspect(lines, { depth: Number.POSITIVE_INFINITY });
      expect(shown).not.toContain("do-not-show");
      expect(shown).not.toContain(good.refreshToken);
      expect(shown).not.toContain(gatewayClientSecret);
    },
  );
});

describe("what passes", () => {
  it(verifies("gateway.upstream.unavailable", "leaves a code unsent a second time"), async () => {
    const authority = await ownAuthority();
    const { upstream, requests, lines } = await upstreamOf(authority);
    const { code, codeVerifier } = await codeFrom(authority, upstream);
    authority.setOutage({ token: true });
    expect(await upstream.redeemCode(code, codeVerifier)).toEqual({
      ok: false,
      reason: { kind: "unavailable", code: "AADSTS90033", retryAfterSeconds: 1 },
    });
    expect(requests).toHaveLength(1);
    expect(lines).toMatchObject([{ level: "warn", event: "upstream.unavailable" }]);
    authority.setOutage({});
    value(await upstream.redeemCode(code, codeVerifier));
  });
});
