import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import {
  apiClientId,
  apiClientSecret,
  tenantId,
  vscodeClientId,
} from "../../../local/directory.ts";
import { verifies } from "../../requirements.ts";
import {
  claimsOf,
  clockedAuthority,
  days,
  minutes,
  qualifiedScope,
  refusalOf,
  sharedAuthority,
  tokensOf,
  user1,
  user1ObjectId,
} from "./support.ts";

const shared = await sharedAuthority();

const everyScope = `${qualifiedScope} openid profile email offline_access`;
const capability = JSON.stringify({ access_token: { xms_cc: { values: ["CP1"] } } });

describe("an access token", () => {
  it(verifies("authority.access-token", "is one of Entra's version 2.0"), async () => {
    const { clock, authority } = await clockedAuthority();
    const { access_token } = await authority.signIn();
    const issuedAt = clock.now() / 1000;
    expect(claimsOf(access_token)).toEqual({
      iss: authority.issuer,
      aud: apiClientId,
      azp: vscodeClientId,
      azpacr: "0",
      tid: tenantId,
      oid: user1ObjectId,
      sub: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      name: "Uma First",
      preferred_username: user1,
      scp: "user_impersonation",
      ver: "2.0",
      uti: expect.any(String),
      iat: issuedAt,
      nbf: issuedAt,
      exp: issuedAt + 3600,
    });
  });

  it(verifies("authority.access-token", "verifies against the key set"), async () => {
    const { access_token } = await shared.signIn();
    const keys = createRemoteJWKSet(new URL(shared.keysUrl));
    const verified = await jwtVerify(access_token, keys, {
      issuer: shared.issuer,
      audience: apiClientId,
      algorithms: ["RS256"],
    });
    expect(verified.protectedHeader).toEqual({ typ: "JWT", alg: "RS256", kid: expect.any(String) });
  });

  it(verifies("authority.access-token", "names a person differently to each client"), async () => {
    const tokens = await shared.signIn({ scope: everyScope });
    const again = await shared.signIn();
    const other = await shared.signIn({}, "user2@contoso.example");
    expect(claimsOf(again.access_token).sub).toBe(claimsOf(tokens.access_token).sub);
    expect(claimsOf(tokens.id_token).sub).not.toBe(claimsOf(tokens.access_token).sub);
    expect(claimsOf(other.access_token).sub).not.toBe(claimsOf(tokens.access_token).sub);
  });

  it(verifies("authority.capabilities", "has xms_cc where it was asked for"), async () => {
    const without = await shared.signIn();
    const atSignIn = await shared.signIn({ claims: capability });
    const code = await shared.authorizationCode();
    const atRedemption = await tokensOf(shared.redeem(code, { claims: capability }));
    expect(claimsOf(without.access_token).xms_cc).toBeUndefined();
    expect(claimsOf(atSignIn.access_token).xms_cc).toEqual(["cp1"]);
    expect(claimsOf(atRedemption.access_token).xms_cc).toEqual(["cp1"]);
  });

  it(verifies("authority.capabilities", "lets no request choose other claims"), async () => {
    const claims = JSON.stringify({
      access_token: { oid: { value: "somebody-else" }, xms_cc: { values: ["other"] } },
    });
    const { access_token } = await shared.signIn({ claims });
    expect(claimsOf(access_token).oid).toBe(user1ObjectId);
    expect(claimsOf(access_token).xms_cc).toBeUndefined();
  });

  it(verifies("authority.access-token", "can be made to order for tests"), async () => {
    const ordinary = claimsOf(await shared.issueAccessToken());
    expect(ordinary).toMatchObject({ iss: shared.issuer, azp: vscodeClientId });
    const token = await shared.issueAccessToken({
      username: "admin@contoso.example",
      claims: { scp: undefined, ver: "1.0" },
      header: { kid: "another" },
    });
    expect(claimsOf(token)).toMatchObject({ name: "Ada Admin", ver: "1.0" });
    expect(claimsOf(token)).not.toHaveProperty("scp");
    expect(decodeProtectedHeader(token)).toMatchObject({ kid: "another", alg: "RS256" });
  });
});

describe("a token response", () => {
  it(verifies("authority.token-response", "has Entra's fields"), async () => {
    const response = await shared.redeem(await shared.authorizationCode());
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({
      token_type: "Bearer",
      scope: qualifiedScope,
      expires_in: 3600,
      ext_expires_in: 3600,
      access_token: expect.any(String),
    });
  });

  it(verifies("authority.token-response", "has what else was asked for"), async () => {
    const code = await shared.authorizationCode({ scope: everyScope, nonce: "the-nonce" });
    const tokens = await tokensOf(shared.redeem(code, { client_info: "1" }));
    expect(tokens.refresh_token).toEqual(expect.any(String));
    expect(claimsOf(tokens.id_token)).toMatchObject({
      iss: shared.issuer,
      aud: vscodeClientId,
      oid: user1ObjectId,
      tid: tenantId,
      nonce: "the-nonce",
      preferred_username: user1,
      email: user1,
    });
    expect(JSON.parse(Buffer.from(tokens.client_info ?? "", "base64url").toString())).toEqual({
      uid: user1ObjectId,
      utid: tenantId,
    });
  });

  it(verifies("authority.token-response", "names .default beside what was granted"), async () => {
    const { scope } = await shared.signIn({ scope: "api://mcp-local/.default" });
    expect(scope).toBe(`${qualifiedScope} api://mcp-local/.default`);
  });
});

describe("an authorization code", () => {
  it(verifies("authority.code", "works once"), async () => {
    const code = await shared.authorizationCode();
    expect((await shared.redeem(code)).status).toBe(200);
    expect(await refusalOf(shared.redeem(code))).toBe("400 invalid_grant AADSTS54005");
  });

  it(verifies("authority.code", "works once even when redeemed twice together"), async () => {
    const code = await shared.authorizationCode();
    const responses = await Promise.all([shared.redeem(code), shared.redeem(code)]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  it(verifies("authority.code", "works for ten minutes"), async () => {
    const { clock, authority } = await clockedAuthority();
    const inTime = await authority.authorizationCode();
    const late = await authority.authorizationCode();
    clock.advance(10 * minutes - 1);
    expect((await authority.redeem(inTime)).status).toBe(200);
    clock.advance(1);
    expect(await refusalOf(authority.redeem(late))).toBe("400 invalid_grant AADSTS70008");
  });

  it(verifies("authority.code", "works for its client alone"), async () => {
    const clientId = await shared.clientAt("http://127.0.0.1/");
    const code = await shared.authorizationCode();
    const stolen = await shared.redeem(code, { client_id: clientId });
    expect(await refusalOf(stolen)).toBe("400 invalid_grant AADSTS70000");
    expect((await shared.redeem(code)).status).toBe(200);
  });

  it(verifies("authority.code", "works for its redirect URI alone, port included"), async () => {
    const code = await shared.authorizationCode();
    const response = await shared.redeem(code, { redirect_uri: "http://127.0.0.1:1/" });
    expect(await refusalOf(response)).toBe("401 invalid_client AADSTS500112");
  });

  it(verifies("authority.pkce", "needs the verifier of its challenge"), async () => {
    const code = await shared.authorizationCode();
    const wrong = await shared.redeem(code, { code_verifier: "b".repeat(43) });
    expect(await refusalOf(wrong)).toBe("400 invalid_grant AADSTS501481");
    const none = await shared.redeem(code, { code_verifier: "" });
    expect(await refusalOf(none)).toBe("400 invalid_request AADSTS900144");
  });

  it(verifies("authority.code", "cannot be guessed"), async () => {
    expect(await refusalOf(shared.redeem("guessed"))).toBe("400 invalid_grant AADSTS70000");
  });
});

describe("a refresh token", () => {
  const refresh = (refresh_token: string | undefined, changes: Record<string, string> = {}) =>
    shared.token({
      grant_type: "refresh_token",
      client_id: vscodeClientId,
      refresh_token: refresh_token ?? "",
      ...changes,
    });

  it(verifies("authority.refresh", "gives tokens of the same kind and keeps working"), async () => {
    const first = await shared.signIn({ scope: everyScope, claims: capability });
    const second = await tokensOf(refresh(first.refresh_token));
    expect(second.refresh_token).toEqual(expect.any(String));
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(second.scope).toBe(first.scope);
    const [before, after] = [claimsOf(first.access_token), claimsOf(second.access_token)];
    expect(after).toMatchObject({ oid: before.oid, scp: before.scp, xms_cc: ["cp1"] });
    expect(after.uti).not.toBe(before.uti);
    expect(second.id_token).toEqual(expect.any(String));
    expect((await refresh(first.refresh_token)).status).toBe(200);
    expect((await refresh(second.refresh_token)).status).toBe(200);
  });

  it(verifies("authority.refresh", "takes narrower scopes and capabilities"), async () => {
    const { refresh_token } = await shared.signIn({ scope: everyScope });
    const changes = { scope: qualifiedScope, claims: capability };
    const tokens = await tokensOf(refresh(refresh_token, changes));
    expect(tokens.id_token).toBeUndefined();
    expect(tokens.refresh_token).toEqual(expect.any(String));
    expect(claimsOf(tokens.access_token).xms_cc).toEqual(["cp1"]);
  });

  it(verifies("authority.refresh", "gives no other resource's token"), async () => {
    const { refresh_token } = await shared.signIn({ scope: everyScope });
    const response = refresh(refresh_token, { scope: "User.Read" });
    expect(await refusalOf(response)).toBe("401 invalid_client AADSTS650053");
  });

  it(verifies("authority.refresh", "is its own client's"), async () => {
    const { refresh_token } = await shared.signIn({ scope: everyScope });
    const api = { client_id: apiClientId, client_secret: apiClientSecret };
    expect(await refusalOf(refresh(refresh_token, api))).toBe("400 invalid_grant AADSTS70000");
  });

  it(verifies("authority.refresh", "lasts 90 days"), async () => {
    const { clock, authority } = await clockedAuthority();
    const { refresh_token = "" } = await authority.signIn({ scope: everyScope });
    const parameters = { grant_type: "refresh_token", client_id: vscodeClientId, refresh_token };
    clock.advance(90 * days - 1000);
    expect((await authority.token(parameters)).status).toBe(200);
    clock.advance(1000);
    expect(await refusalOf(authority.token(parameters))).toBe("400 invalid_grant AADSTS70008");
  });

  it(verifies("authority.refresh", "is not an access token, nor the other way round"), async () => {
    const { access_token } = await shared.signIn({ scope: everyScope });
    expect(await refusalOf(refresh(access_token))).toBe("400 invalid_grant AADSTS70000");
    expect(await refusalOf(refresh("garbage"))).toBe("400 invalid_grant AADSTS70000");
  });
});

describe("a refusal at the token endpoint", () => {
  it(verifies("authority.error-body", "has Entra's body"), async () => {
    const { authority } = await clockedAuthority();
    const requestId = "4b7f3a9c-1d2e-4f50-8a6b-9c0d1e2f3a4b";
    const response = await authority.token(
      { grant_type: "refresh_token", client_id: vscodeClientId, refresh_token: "garbage" },
      { "client-request-id": requestId },
    );
    expect(response.headers.get("cache-control")).toBe("no-store");
    const body = (await response.json()) as Record<string, unknown>;
    expect(body).toEqual({
      error: "invalid_grant",
      error_description: expect.stringMatching(/^AADSTS70000: .* Trace ID: .* Correlation ID: /),
      error_codes: [70000],
      timestamp: "2026-11-21 12:00:00Z",
      trace_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      correlation_id: requestId,
      error_uri: "https://login.microsoftonline.com/error?code=70000",
    });
  });

  const unsupported = "400 unsupported_grant_type AADSTS70003";
  const missing = "400 invalid_request AADSTS900144";
  const unknown = "400 unauthorized_client AADSTS700016";

  it.each([
    ["no grant type", {}, missing],
    ["another grant type", { grant_type: "client_credentials" }, unsupported],
    ["an inherited property's name", { grant_type: "constructor" }, unsupported],
    ["no client", { grant_type: "refresh_token" }, missing],
    ["an unknown client", { grant_type: "refresh_token", client_id: "nobody" }, unknown],
    ["no code", { grant_type: "authorization_code", client_id: vscodeClientId }, missing],
  ])(verifies("authority.error-body", "%s"), async (_, parameters, refusal) => {
    expect(await refusalOf(shared.token(parameters))).toBe(refusal);
  });

  it(verifies("authority.error-body", "a parameter twice, or no form at all"), async () => {
    const url = `${shared.base}/oauth2/v2.0/token`;
    const post = (init: RequestInit) => fetch(url, { method: "POST", ...init });
    const twice = post({ body: new URLSearchParams("client_id=a&client_id=b") });
    expect(await refusalOf(twice)).toBe("400 invalid_request AADSTS9000411");
    const json = post({ headers: { "Content-Type": "application/json" }, body: "{}" });
    expect(await refusalOf(json)).toBe("400 invalid_request AADSTS9002313");
  });

  it(verifies("authority.error-body", "another method"), async () => {
    const response = await fetch(`${shared.base}/oauth2/v2.0/token`);
    expect(response.headers.get("allow")).toBe("POST");
    expect(await refusalOf(response)).toBe("405 invalid_request AADSTS900561");
  });

  it(verifies("authority.error-body", "a body beyond all measure"), async () => {
    const response = await shared.token({ grant_type: "x".repeat(300_000) });
    expect(response.status).toBe(413);
  });
});
