import { generateKeyPair, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { localTenant } from "../../../local/authority/tenant.ts";
import {
  apiClientId,
  apiClientSecret,
  graphIdentifierUri,
  managedIdentityObjectId,
  tenantId,
  vscodeClientId,
} from "../../../local/directory.ts";
import { verifies } from "../../requirements.ts";
import {
  claimsOf,
  minutes,
  refusalOf,
  sharedAuthority,
  type TestAuthority,
  type TokenResponse,
  testAuthority,
  testClock,
  user1,
  user1ObjectId,
} from "./support.ts";

const shared = sharedAuthority();

const graphScope = `${graphIdentifierUri}/.default`;
const bySecret = { client_id: apiClientId, client_secret: apiClientSecret };

/** An exchange that is granted, but for what is given. */
async function exchange(
  authority: TestAuthority,
  changes: Record<string, string> = {},
  headers?: Record<string, string>,
): Promise<Response> {
  return authority.token(
    {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      requested_token_use: "on_behalf_of",
      assertion: await authority.issueAccessToken(),
      scope: graphScope,
      ...bySecret,
      ...changes,
    },
    headers,
  );
}

describe("an exchange", () => {
  it(verifies("authority.on-behalf-of", "gives a token for Graph as the same person"), async () => {
    const clock = testClock();
    const authority = await testAuthority({ now: clock.now });
    const response = await exchange(authority);
    expect(response.status).toBe(200);
    const tokens = (await response.json()) as TokenResponse;
    const issuedAt = clock.now() / 1000;
    expect(claimsOf(tokens.access_token)).toEqual({
      iss: `https://sts.windows.net/${tenantId}/`,
      aud: graphIdentifierUri,
      appid: apiClientId,
      appidacr: "1",
      app_displayname: "MCP server",
      idtyp: "user",
      tid: tenantId,
      oid: user1ObjectId,
      sub: expect.any(String),
      name: "Uma First",
      upn: user1,
      unique_name: user1,
      scp: "User.Read",
      ver: "1.0",
      uti: expect.any(String),
      iat: issuedAt,
      nbf: issuedAt,
      exp: issuedAt + 3600,
    });
    expect(tokens.scope).toBe([`${graphIdentifierUri}/User.Read`, graphScope].join(" "));
    expect(tokens.refresh_token).toBeUndefined();
  });

  it(verifies("authority.on-behalf-of", "takes single and bare Graph scopes"), async () => {
    const single = await exchange(shared(), { scope: `${graphIdentifierUri}/User.Read` });
    const bare = await exchange(shared(), { scope: "User.Read" });
    for (const response of [single, bare]) {
      const { access_token } = (await response.json()) as TokenResponse;
      expect(claimsOf(access_token).scp).toBe("User.Read");
    }
  });

  it(verifies("authority.capabilities", "passes the API's own capability on"), async () => {
    const claims = JSON.stringify({ access_token: { xms_cc: { values: ["cp1"] } } });
    const { access_token } = (await (await exchange(shared(), { claims })).json()) as TokenResponse;
    expect(claimsOf(access_token).xms_cc).toEqual(["cp1"]);
  });

  it(verifies("authority.on-behalf-of", "can be continued with a refresh token"), async () => {
    const response = await exchange(shared(), { scope: `${graphScope} offline_access` });
    const { refresh_token = "" } = (await response.json()) as TokenResponse;
    const refreshed = await shared().token({
      grant_type: "refresh_token",
      refresh_token,
      ...bySecret,
    });
    const { access_token } = (await refreshed.json()) as TokenResponse;
    expect(claimsOf(access_token)).toMatchObject({ aud: graphIdentifierUri, oid: user1ObjectId });
  });
});

describe("the assertion of an exchange", () => {
  const assertions: Record<string, (authority: TestAuthority) => Promise<string>> = {
    "not a token": async () => "garbage",
    "signed by somebody else": async (authority) => {
      const { privateKey } = await generateKeyPair("RS256");
      return new SignJWT(claimsOf(await authority.issueAccessToken()))
        .setProtectedHeader({ alg: "RS256", typ: "JWT" })
        .sign(privateKey);
    },
    "of another key id": (authority) => authority.issueAccessToken({ header: { kid: "other" } }),
    "with another issuer": (authority) =>
      authority.issueAccessToken({ claims: { iss: authority.httpsIssuer } }),
    "for another API": (authority) => authority.issueAccessToken({ claims: { aud: "other" } }),
    "without expiry": (authority) => authority.issueAccessToken({ claims: { exp: undefined } }),
    "not yet valid": (authority) =>
      authority.issueAccessToken({ claims: { nbf: Math.floor(Date.now() / 1000) + 600 } }),
    "an application's": (authority) => authority.issueAccessToken({ claims: { idtyp: "app" } }),
    "without scope": (authority) => authority.issueAccessToken({ claims: { scp: undefined } }),
    "of an unknown person": (authority) =>
      authority.issueAccessToken({ claims: { oid: "nobody" } }),
  };

  it.each([
    ["not a token", "400 invalid_request AADSTS50027"],
    ["signed by somebody else", "400 invalid_grant AADSTS50013"],
    ["of another key id", "400 invalid_grant AADSTS50013"],
    ["with another issuer", "400 invalid_grant AADSTS50013"],
    ["for another API", "400 invalid_grant AADSTS500131"],
    ["without expiry", "400 invalid_grant AADSTS500133"],
    ["not yet valid", "400 invalid_grant AADSTS500133"],
    ["an application's", "400 invalid_grant AADSTS7000114"],
    ["without scope", "400 invalid_grant AADSTS7000114"],
    ["of an unknown person", "400 invalid_grant AADSTS50034"],
  ])(verifies("authority.on-behalf-of.assertion", "is refused: %s"), async (kind, refusal) => {
    const assertion = (await assertions[kind]?.(shared())) ?? "";
    expect(await refusalOf(await exchange(shared(), { assertion }))).toBe(refusal);
  });

  it(verifies("authority.on-behalf-of.assertion", "is refused: expired"), async () => {
    const clock = testClock();
    const authority = await testAuthority({ now: clock.now });
    const assertion = await authority.issueAccessToken();
    clock.advance(60 * minutes - 1000);
    expect((await exchange(authority, { assertion })).status).toBe(200);
    clock.advance(1000);
    expect(await refusalOf(await exchange(authority, { assertion }))).toBe(
      "400 invalid_grant AADSTS500133",
    );
  });

  it.each([
    ["no assertion", { assertion: "" }, "400 invalid_request AADSTS900144"],
    ["no use", { requested_token_use: "" }, "400 invalid_request AADSTS900144"],
    ["another use", { requested_token_use: "other" }, "400 invalid_request AADSTS9002313"],
    ["no scope", { scope: "" }, "400 invalid_request AADSTS900144"],
    ["no resource's scope", { scope: "openid" }, "400 invalid_scope AADSTS70011"],
  ])(
    verifies("authority.on-behalf-of.assertion", "all needed: %s"),
    async (_, changes, refusal) => {
      expect(await refusalOf(await exchange(shared(), changes))).toBe(refusal);
    },
  );
});

describe("consent", () => {
  const payroll = {
    clientId: "6c1f0b1e-2d3c-4a5b-8c6d-7e8f9a0b1c2d",
    identifierUri: "api://payroll",
    displayName: "Payroll",
    grantedScopes: [],
  };

  it.each([
    ["a permission that was not granted", `${graphIdentifierUri}/Mail.Read`, "AADSTS65001"],
    ["an API without any", "api://payroll/.default", "AADSTS65001"],
    ["the API itself", "api://mcp-local/.default", "AADSTS65001"],
    ["an API that is unknown", "api://nowhere/.default", "AADSTS500011"],
  ])(verifies("authority.on-behalf-of.consent", "%s"), async (_, scope, code) => {
    const [graph] = localTenant.downstream;
    const authority = await testAuthority({
      tenant: { ...localTenant, downstream: [graph, payroll] },
    });
    expect(await refusalOf(await exchange(authority, { scope }))).toContain(code);
  });

  it(verifies("authority.on-behalf-of", "exchanges for a team's own API"), async () => {
    const [graph] = localTenant.downstream;
    const granted = { ...payroll, grantedScopes: ["Payslips.Read"] };
    const authority = await testAuthority({
      tenant: { ...localTenant, downstream: [graph, granted] },
    });
    const response = await exchange(authority, { scope: "api://payroll/.default" });
    const { access_token } = (await response.json()) as TokenResponse;
    expect(claimsOf(access_token)).toMatchObject({ aud: "api://payroll", scp: "Payslips.Read" });
  });

  it(verifies("authority.on-behalf-of.consent", "is told as such"), async () => {
    const response = await exchange(shared(), { scope: "Mail.Read" });
    expect(await response.json()).toMatchObject({
      error: "invalid_grant",
      suberror: "consent_required",
    });
  });
});

describe("client authentication", () => {
  const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  const nothing = { client_secret: "" };

  const basic = (clientId: string, secret: string) => ({
    Authorization: `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString("base64")}`,
  });

  it(verifies("authority.client-authentication", "by secret, as HTTP Basic"), async () => {
    const withId = await exchange(shared(), nothing, basic(apiClientId, apiClientSecret));
    expect(withId.status).toBe(200);
    const alone = await exchange(
      shared(),
      { ...nothing, client_id: "" },
      basic(apiClientId, apiClientSecret),
    );
    expect(alone.status).toBe(200);
  });

  it(verifies("authority.client-authentication", "says how to authenticate"), async () => {
    const response = await exchange(shared(), nothing, basic(apiClientId, "wrong"));
    expect(response.headers.get("www-authenticate")).toMatch(/^Basic realm=/);
    expect(await refusalOf(response)).toBe("401 invalid_client AADSTS7000215");
  });

  it.each([
    ["nothing", nothing, {}, "401 invalid_client AADSTS7000218"],
    ["a wrong secret", { client_secret: "wrong" }, {}, "401 invalid_client AADSTS7000215"],
    [
      "a header that is not Basic",
      nothing,
      { Authorization: "Bearer x" },
      "400 invalid_request AADSTS9002313",
    ],
    ["two client ids", nothing, basic(vscodeClientId, "x"), "400 invalid_request AADSTS9002313"],
    [
      "secret and assertion",
      { client_assertion: "x", client_assertion_type: assertionType },
      {},
      "400 invalid_request AADSTS9002313",
    ],
    [
      "another assertion type",
      { ...nothing, client_assertion: "x", client_assertion_type: "other" },
      {},
      "400 invalid_request AADSTS9002313",
    ],
    [
      "a public client with a secret",
      { client_id: vscodeClientId },
      {},
      "401 invalid_client AADSTS700025",
    ],
    [
      "a public client that exchanges",
      { client_id: vscodeClientId, client_secret: "" },
      {},
      "401 invalid_client AADSTS7000218",
    ],
  ])(verifies("authority.client-authentication", "%s"), async (_, changes, headers, refusal) => {
    expect(await refusalOf(await exchange(shared(), changes, headers))).toBe(refusal);
  });

  const identity = (authority: TestAuthority) => ({
    iss: authority.httpsIssuer,
    sub: managedIdentityObjectId,
    aud: "api://AzureADTokenExchange",
    exp: Math.floor(Date.now() / 1000) + 600,
  });

  const withAssertion = (client_assertion: string) =>
    exchange(shared(), {
      ...nothing,
      client_assertion,
      client_assertion_type: assertionType,
    });

  it(verifies("authority.federated-credential", "by the managed identity's token"), async () => {
    const response = await withAssertion(await shared().signToken(identity(shared())));
    expect(response.status).toBe(200);
    const { access_token } = (await response.json()) as TokenResponse;
    expect(claimsOf(access_token).appidacr).toBe("2");
  });

  it.each([
    ["another issuer", { iss: "https://login.example/" }, "401 invalid_client AADSTS700211"],
    ["another identity", { sub: "another" }, "401 invalid_client AADSTS700213"],
    ["another audience", { aud: graphIdentifierUri }, "401 invalid_client AADSTS700212"],
    ["expired", { exp: 1 }, "401 invalid_client AADSTS700024"],
  ])(verifies("authority.federated-credential", "refuses %s"), async (_, claims, refusal) => {
    const assertion = await shared().signToken({ ...identity(shared()), ...claims });
    expect(await refusalOf(await withAssertion(assertion))).toBe(refusal);
  });

  it(verifies("authority.federated-credential", "refuses what it did not sign"), async () => {
    const { privateKey } = await generateKeyPair("RS256");
    const forged = await new SignJWT(identity(shared()))
      .setProtectedHeader({ alg: "RS256" })
      .sign(privateKey);
    expect(await refusalOf(await withAssertion(forged))).toBe("401 invalid_client AADSTS700027");
    expect(await refusalOf(await withAssertion("garbage"))).toBe("400 invalid_request AADSTS50027");
  });

  it(verifies("authority.federated-credential", "refuses a caller's token instead"), async () => {
    const assertion = await shared().issueAccessToken();
    expect(await refusalOf(await withAssertion(assertion))).toBe("401 invalid_client AADSTS700211");
  });
});

describe("what is arranged", () => {
  const control = (authority: TestAuthority, path: string, init: RequestInit) =>
    fetch(`${authority.origin}/_local/${path}`, init);
  const asJson = (body: unknown) => ({
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const challenge = { access_token: { acrs: { essential: true, value: "c1" } } };

  it(verifies("authority.demand", "asks for authentication until a token has it"), async () => {
    const authority = await testAuthority();
    authority.demand({ username: user1 });
    const refused = await exchange(authority);
    expect(refused.status).toBe(400);
    const { claims, ...body } = (await refused.json()) as Record<string, string>;
    expect(body).toMatchObject({
      error: "interaction_required",
      suberror: "basic_action",
      error_codes: [50076],
    });
    expect(JSON.parse(claims ?? "")).toEqual(challenge);

    const admin = await authority.issueAccessToken({ username: "admin@contoso.example" });
    expect((await exchange(authority, { assertion: admin })).status).toBe(200);

    const steppedUp = await authority.signIn({ claims });
    expect(claimsOf(steppedUp.access_token).acrs).toEqual(["c1"]);
    const assertion = steppedUp.access_token;
    expect((await exchange(authority, { assertion })).status).toBe(200);
  });

  it(verifies("authority.demand", "is answered at sign-in, not the token endpoint"), async () => {
    const authority = await testAuthority();
    const scope = "api://mcp-local/user_impersonation offline_access";
    const { refresh_token = "" } = await authority.signIn({ scope });
    const refreshed = await authority.token({
      grant_type: "refresh_token",
      client_id: vscodeClientId,
      refresh_token,
      claims: JSON.stringify(challenge),
    });
    const { access_token } = (await refreshed.json()) as TokenResponse;
    expect(claimsOf(access_token).acrs).toBeUndefined();
  });

  it(verifies("authority.demand", "fails with any known code until it is reset"), async () => {
    const authority = await testAuthority();
    const made = await control(
      authority,
      "demands",
      asJson({ username: user1, code: "AADSTS65001" }),
    );
    expect(made.status).toBe(204);
    expect(await refusalOf(await exchange(authority))).toBe("400 invalid_grant AADSTS65001");
    expect(await refusalOf(await exchange(authority))).toBe("400 invalid_grant AADSTS65001");
    expect((await control(authority, "demands", { method: "DELETE" })).status).toBe(204);
    expect((await exchange(authority)).status).toBe(200);
  });

  it(verifies("authority.demand", "is refused where it makes no sense"), async () => {
    const authority = await testAuthority();
    const unknown = await control(authority, "demands", asJson({ username: "eve" }));
    expect(unknown.status).toBe(400);
    expect(await unknown.text()).toContain(user1);
    const code = await control(authority, "demands", asJson({ username: user1, code: "AADSTS1" }));
    expect(code.status).toBe(400);
    expect(await code.text()).toContain("AADSTS50076");
    expect(() => authority.demand({ username: "eve" })).toThrow(user1);
  });

  it(verifies("authority.demand", "cannot be made by a web page's simple request"), async () => {
    const authority = await testAuthority();
    const body = JSON.stringify({ username: user1 });
    for (const path of ["demands", "outage"]) {
      const response = await control(authority, path, { method: "POST", body });
      expect(response.status).toBe(400);
    }
    expect((await exchange(authority)).status).toBe(200);
  });

  it(verifies("authority.outage", "takes keys and token endpoint away and back"), async () => {
    const authority = await testAuthority();
    await control(authority, "outage", asJson({ keys: true, token: true }));
    const keys = await fetch(authority.keysUrl);
    expect(keys.status).toBe(503);
    expect(keys.headers.get("retry-after")).toBe("1");
    expect(await refusalOf(await exchange(authority))).toBe(
      "503 temporarily_unavailable AADSTS90033",
    );

    await control(authority, "outage", asJson({}));
    expect((await fetch(authority.keysUrl)).status).toBe(200);
    authority.setOutage({ keys: true });
    expect((await fetch(authority.keysUrl)).status).toBe(503);
    expect((await exchange(authority)).status).toBe(200);
  });
});
