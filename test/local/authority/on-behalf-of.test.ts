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
  clockedAuthority,
  minutes,
  refusalOf,
  sharedAuthority,
  type TestAuthority,
  type TokenResponse,
  testAuthority,
  tokensOf,
  user1,
  user1ObjectId,
} from "./support.ts";

const shared = await sharedAuthority();

const graphScope = `${graphIdentifierUri}/.default`;
const bySecret = { client_id: apiClientId, client_secret: apiClientSecret };

/** An exchange that is granted, but for what is given. */
async function exchange(
  authority: TestAuthority,
  changes: Record<string, string> = {},
): Promise<Response> {
  return authority.token({
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    requested_token_use: "on_behalf_of",
    assertion: await authority.issueAccessToken(),
    scope: graphScope,
    ...bySecret,
    ...changes,
  });
}

describe("an exchange", () => {
  it(verifies("authority.on-behalf-of", "gives a token for Graph as the same person"), async () => {
    const { clock, authority } = await clockedAuthority();
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
    for (const scope of [`${graphIdentifierUri}/User.Read`, "User.Read"]) {
      const { access_token } = await tokensOf(exchange(shared, { scope }));
      expect(claimsOf(access_token).scp).toBe("User.Read");
    }
  });

  it(verifies("authority.capabilities", "passes the API's own capability on"), async () => {
    const claims = JSON.stringify({ access_token: { xms_cc: { values: ["cp1"] } } });
    const { access_token } = await tokensOf(exchange(shared, { claims }));
    expect(claimsOf(access_token).xms_cc).toEqual(["cp1"]);
  });

  it(verifies("authority.on-behalf-of", "can be continued with a refresh token"), async () => {
    const scope = `${graphScope} offline_access`;
    const { refresh_token = "" } = await tokensOf(exchange(shared, { scope }));
    const parameters = { grant_type: "refresh_token", refresh_token, ...bySecret };
    const { access_token } = await tokensOf(shared.token(parameters));
    expect(claimsOf(access_token)).toMatchObject({ aud: graphIdentifierUri, oid: user1ObjectId });
  });
});

describe("the assertion of an exchange", () => {
  type Overrides = Parameters<TestAuthority["issueAccessToken"]>[0];
  const tokenWith = (overrides: Overrides) => () => shared.issueAccessToken(overrides);
  const tokenOf = (claims: Record<string, unknown>) => tokenWith({ claims });
  const forged = async () => {
    const { privateKey } = await generateKeyPair("RS256");
    return new SignJWT(claimsOf(await shared.issueAccessToken()))
      .setProtectedHeader({ alg: "RS256", typ: "JWT" })
      .sign(privateKey);
  };
  const fromElsewhere = () => shared.issueAccessToken({ claims: { iss: shared.httpsIssuer } });
  const inTenMinutes = Math.floor(Date.now() / 1000) + 600;

  it.each([
    ["not a token", async () => "garbage", "400 invalid_request AADSTS50027"],
    ["signed by somebody else", forged, "400 invalid_grant AADSTS50013"],
    ["of another key id", tokenWith({ header: { kid: "other" } }), "400 invalid_grant AADSTS50013"],
    ["with another issuer", fromElsewhere, "400 invalid_grant AADSTS50013"],
    ["for another API", tokenOf({ aud: "other" }), "400 invalid_grant AADSTS500131"],
    ["without expiry", tokenOf({ exp: undefined }), "400 invalid_grant AADSTS500133"],
    ["not yet valid", tokenOf({ nbf: inTenMinutes }), "400 invalid_grant AADSTS500133"],
    ["an application's", tokenOf({ idtyp: "app" }), "400 invalid_grant AADSTS7000114"],
    ["without scope", tokenOf({ scp: undefined }), "400 invalid_grant AADSTS7000114"],
    ["of an unknown person", tokenOf({ oid: "nobody" }), "400 invalid_grant AADSTS50034"],
  ])(verifies("authority.on-behalf-of.assertion", "is refused: %s"), async (_, issue, refusal) => {
    const assertion = await issue();
    expect(await refusalOf(exchange(shared, { assertion }))).toBe(refusal);
  });

  it(verifies("authority.on-behalf-of.assertion", "is refused: expired"), async () => {
    const { clock, authority } = await clockedAuthority();
    const assertion = await authority.issueAccessToken();
    clock.advance(60 * minutes - 1000);
    expect((await exchange(authority, { assertion })).status).toBe(200);
    clock.advance(1000);
    expect(await refusalOf(exchange(authority, { assertion }))).toBe(
      "400 invalid_grant AADSTS500133",
    );
  });

  it.each([
    ["no assertion", { assertion: "" }, "400 invalid_request AADSTS900144"],
    ["no use", { requested_token_use: "" }, "400 invalid_request AADSTS900144"],
    ["another use", { requested_token_use: "other" }, "400 invalid_request AADSTS9002313"],
    ["no scope", { scope: "" }, "400 invalid_request AADSTS900144"],
    ["no resource's scope", { scope: "openid" }, "400 invalid_scope AADSTS70011"],
  ])(verifies("authority.on-behalf-of.assertion", "needs all: %s"), async (_, changes, refusal) => {
    expect(await refusalOf(exchange(shared, changes))).toBe(refusal);
  });
});

describe("consent", () => {
  const payroll = {
    clientId: "6c1f0b1e-2d3c-4a5b-8c6d-7e8f9a0b1c2d",
    identifierUri: "api://payroll",
    displayName: "Payroll",
  };

  const withPayroll = (grantedScopes: readonly string[] = []) =>
    testAuthority({
      tenant: {
        ...localTenant,
        downstream: [...localTenant.downstream, { ...payroll, grantedScopes }],
      },
    });

  it.each([
    ["a permission that was not granted", `${graphIdentifierUri}/Mail.Read`, "AADSTS65001"],
    ["an API without any", "api://payroll/.default", "AADSTS65001"],
    ["the API itself", "api://mcp-local/.default", "AADSTS65001"],
    ["an API that is unknown", "api://nowhere/.default", "AADSTS500011"],
  ])(verifies("authority.on-behalf-of.consent", "%s"), async (_, scope, code) => {
    expect(await refusalOf(exchange(await withPayroll(), { scope }))).toContain(code);
  });

  it(verifies("authority.on-behalf-of", "exchanges for a team's own API"), async () => {
    const authority = await withPayroll(["Payslips.Read"]);
    const scope = "api://payroll/.default";
    const { access_token } = await tokensOf(exchange(authority, { scope }));
    expect(claimsOf(access_token)).toMatchObject({ aud: "api://payroll", scp: "Payslips.Read" });
  });

  it(verifies("authority.on-behalf-of.consent", "is told as such"), async () => {
    const response = await exchange(shared, { scope: "Mail.Read" });
    expect(await response.json()).toMatchObject({
      error: "invalid_grant",
      suberror: "consent_required",
    });
  });
});

describe("client authentication", () => {
  const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  const nothing = { client_secret: "" };

  const byAssertion = (client_assertion: string, client_assertion_type = assertionType) => ({
    client_assertion,
    client_assertion_type,
  });
  const asPublic = { client_id: vscodeClientId };
  const unproven = "401 invalid_client AADSTS7000218";
  const malformed = "400 invalid_request AADSTS9002313";

  it.each([
    ["nothing", unproven, nothing],
    ["a wrong secret", "401 invalid_client AADSTS7000215", { client_secret: "wrong" }],
    ["secret and assertion", malformed, byAssertion("x")],
    ["another assertion type", malformed, { ...nothing, ...byAssertion("x", "other") }],
    ["a public client with a secret", "401 invalid_client AADSTS700025", asPublic],
    ["a public client that exchanges", unproven, { ...asPublic, ...nothing }],
  ])(verifies("authority.client-authentication", "%s"), async (_, refusal, changes) => {
    expect(await refusalOf(exchange(shared, changes))).toBe(refusal);
  });

  const identity = () => ({
    iss: shared.httpsIssuer,
    sub: managedIdentityObjectId,
    aud: "api://AzureADTokenExchange",
    exp: Math.floor(Date.now() / 1000) + 600,
  });

  const withAssertion = (assertion: string) =>
    exchange(shared, { ...nothing, ...byAssertion(assertion) });

  it(verifies("authority.federated-credential", "by the managed identity's token"), async () => {
    const assertion = await shared.signToken(identity());
    const { access_token } = await tokensOf(withAssertion(assertion));
    expect(claimsOf(access_token).appidacr).toBe("2");
  });

  it.each([
    ["another issuer", { iss: "https://login.example/" }, "401 invalid_client AADSTS700211"],
    ["another identity", { sub: "another" }, "401 invalid_client AADSTS700213"],
    ["another audience", { aud: graphIdentifierUri }, "401 invalid_client AADSTS700212"],
    ["expired", { exp: 1 }, "401 invalid_client AADSTS700024"],
  ])(verifies("authority.federated-credential", "refuses %s"), async (_, claims, refusal) => {
    const assertion = await shared.signToken({ ...identity(), ...claims });
    expect(await refusalOf(withAssertion(assertion))).toBe(refusal);
  });

  it(verifies("authority.federated-credential", "refuses what it did not sign"), async () => {
    const { privateKey } = await generateKeyPair("RS256");
    const forged = await new SignJWT(identity())
      .setProtectedHeader({ alg: "RS256" })
      .sign(privateKey);
    expect(await refusalOf(withAssertion(forged))).toBe("401 invalid_client AADSTS700027");
    expect(await refusalOf(withAssertion("garbage"))).toBe("400 invalid_request AADSTS50027");
  });

  it(verifies("authority.federated-credential", "refuses a caller's token instead"), async () => {
    const assertion = await shared.issueAccessToken();
    expect(await refusalOf(withAssertion(assertion))).toBe("401 invalid_client AADSTS700211");
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

  it(verifies("authority.disable", "gives nothing on behalf of a disabled account"), async () => {
    const authority = await testAuthority();
    await authority.change({ username: user1, enabled: false });
    expect(await refusalOf(exchange(authority))).toBe("400 invalid_grant AADSTS50057");
  });

  it(verifies("authority.demand", "is answered at sign-in, not the token endpoint"), async () => {
    const authority = await testAuthority();
    const scope = "api://mcp-local/user_impersonation offline_access";
    const { refresh_token = "" } = await authority.signIn({ scope });
    const claims = JSON.stringify(challenge);
    const parameters = {
      grant_type: "refresh_token",
      client_id: vscodeClientId,
      refresh_token,
      claims,
    };
    const { access_token } = await tokensOf(authority.token(parameters));
    expect(claimsOf(access_token).acrs).toBeUndefined();
  });

  it(verifies("authority.demand", "fails with any known code until it is reset"), async () => {
    const authority = await testAuthority();
    const demand = asJson({ username: user1, code: "AADSTS65001" });
    expect((await control(authority, "demands", demand)).status).toBe(204);
    expect(await refusalOf(exchange(authority))).toBe("400 invalid_grant AADSTS65001");
    expect(await refusalOf(exchange(authority))).toBe("400 invalid_grant AADSTS65001");
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
    for (const path of ["demands", "outage", "accounts"]) {
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
    expect(await refusalOf(exchange(authority))).toBe("503 temporarily_unavailable AADSTS90033");

    await control(authority, "outage", asJson({}));
    expect((await fetch(authority.keysUrl)).status).toBe(200);
    authority.setOutage({ keys: true });
    expect((await fetch(authority.keysUrl)).status).toBe(503);
    expect((await exchange(authority)).status).toBe(200);
  });
});
