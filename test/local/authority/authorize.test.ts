import { describe, expect, it } from "vitest";
import { graphIdentifierUri, vscodeClientId } from "../../../local/directory.ts";
import { verifies } from "../../requirements.ts";
import {
  answerOf,
  claimsOf,
  clockedAuthority,
  minutes,
  qualifiedScope,
  redirectedRefusalOf,
  sharedAuthority,
  user1,
} from "./support.ts";

const apiDefault = "api://mcp-local/.default";
const shared = await sharedAuthority();

describe("an authorization request whose client cannot be answered", () => {
  it.each([
    ["no client", { client_id: undefined }, "AADSTS900144"],
    ["an unknown client", { client_id: "11111111-2222-3333-4444-555555555555" }, "AADSTS700016"],
    ["no redirect URI", { redirect_uri: undefined }, "AADSTS900971"],
    ["another redirect URI", { redirect_uri: "https://evil.example/" }, "AADSTS50011"],
    ["another path", { redirect_uri: "http://127.0.0.1:33418/other" }, "AADSTS50011"],
    ["the API itself", { client_id: "3f6b8e02-5c47-4d19-a2e8-6b90c7d1f345" }, "AADSTS500113"],
  ])(verifies("authority.error-pages", "is refused on a page: %s"), async (_, changes, code) => {
    const response = await shared.authorize(changes);
    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const page = await response.text();
    expect(page).toContain(code);
    expect(page).not.toContain("<form");
  });

  it(verifies("authority.error-pages", "is refused on a page: a parameter twice"), async () => {
    const response = await fetch(`${shared.authorizeUrl()}&redirect_uri=https://evil.example/`, {
      redirect: "manual",
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("AADSTS9000411");
  });
});

describe("an authorization request that is refused at the redirect URI", () => {
  it.each([
    ["no response type", { response_type: undefined }, "invalid_request AADSTS900144"],
    ["a token at once", { response_type: "token" }, "unsupported_response_type AADSTS70005"],
    ["another response mode", { response_mode: "post" }, "invalid_request AADSTS70007"],
    ["malformed claims", { claims: "{" }, "invalid_request AADSTS9002313"],
  ])(verifies("authority.authorization-response", "%s"), async (_, changes, refusal) => {
    const response = await shared.authorize(changes);
    expect(response.status).toBe(303);
    expect(redirectedRefusalOf(response)).toBe(refusal);
    expect(answerOf(response).get("state")).toBe("the-state");
    expect(answerOf(response).get("iss")).toBe(shared.issuer);
  });

  it.each([
    ["no challenge", { code_challenge: undefined }, "invalid_request AADSTS50147"],
    ["a challenge of another size", { code_challenge: "short" }, "invalid_request AADSTS50147"],
    ["plain", { code_challenge_method: "plain" }, "invalid_request AADSTS9002313"],
    ["no method", { code_challenge_method: undefined }, "invalid_request AADSTS9002313"],
  ])(verifies("authority.pkce", "PKCE: %s"), async (_, changes, refusal) => {
    expect(redirectedRefusalOf(await shared.authorize(changes))).toBe(refusal);
  });

  it.each([
    ["none", undefined, "invalid_request AADSTS900144"],
    ["malformed", 'api://mcp-local/"', "invalid_scope AADSTS70011"],
    ["unqualified", "user_impersonation", "invalid_client AADSTS650053"],
    ["unknown", "api://mcp-local/other", "invalid_client AADSTS650053"],
    ["of an unknown resource", "api://other/user_impersonation", "invalid_resource AADSTS500011"],
    ["of Graph", `${graphIdentifierUri}/User.Read`, "invalid_client AADSTS650053"],
    ["of two resources", `${qualifiedScope} User.Read`, "invalid_scope AADSTS28000"],
    [".default and another", `${qualifiedScope} ${apiDefault}`, "invalid_scope AADSTS70011"],
  ])(verifies("authority.scope", "scope: %s"), async (_, scope, refusal) => {
    expect(redirectedRefusalOf(await shared.authorize({ scope }))).toBe(refusal);
  });

  it(verifies("authority.scope", "says how an unqualified scope is written"), async () => {
    const response = await shared.authorize({ scope: "user_impersonation" });
    expect(answerOf(response).get("error_description")).toContain(qualifiedScope);
  });

  it.each(["none", "login none"])(verifies("authority.silent", "prompt=%s"), async (prompt) => {
    const response = await shared.authorize({ prompt, login_hint: user1 });
    expect(redirectedRefusalOf(response)).toBe("login_required AADSTS50058");
  });
});

describe("an authorization request that leads to the sign-in page", () => {
  it.each([
    ["with prompts", { prompt: "select_account consent" }],
    ["with a hint at nobody we know", { login_hint: "somebody@contoso.example" }],
    ["for .default", { scope: apiDefault }],
    ["with the client id as prefix", { scope: `3f6b8e02-5c47-4d19-a2e8-6b90c7d1f345/.default` }],
    ["to any port of loopback", { redirect_uri: "http://127.0.0.1:5/" }],
    ["to localhost", { redirect_uri: "http://localhost:8080/" }],
    ["to VS Code's page", { redirect_uri: "https://vscode.dev/redirect" }],
    ["to the insiders' page", { redirect_uri: "https://insiders.vscode.dev/redirect" }],
  ])(verifies("authority.redirect-uri", "%s"), async (_, changes) => {
    const response = await shared.authorize(changes);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("Choose an account");
  });

  it(verifies("authority.authorization-response", "ends at the redirect URI"), async () => {
    const form = await shared.openPage({ redirect_uri: "http://localhost:1234/" });
    const response = await shared.submit(form, { account: user1 });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toMatch(/^http:\/\/localhost:1234\/\?code=/);
    expect([...answerOf(response).keys()]).toEqual(["code", "state", "iss"]);
    expect(answerOf(response).get("state")).toBe("the-state");
    expect(answerOf(response).get("iss")).toBe(shared.issuer);
  });

  it(verifies("authority.authorization-response", "invents no state"), async () => {
    const form = await shared.openPage({ state: undefined });
    const answer = answerOf(await shared.submit(form, { account: user1 }));
    expect(answer.has("state")).toBe(false);
  });

  it(verifies("authority.authorization-response", "answers in the fragment if asked"), async () => {
    const form = await shared.openPage({ response_mode: "fragment" });
    const response = await shared.submit(form, { account: user1 });
    const location = new URL(response.headers.get("location") ?? "");
    expect(location.search).toBe("");
    expect(new URLSearchParams(location.hash.slice(1)).get("code")).toBeTruthy();
  });

  it(verifies("authority.authorization-response", "keeps the redirect URI's query"), async () => {
    const redirectUri = "https://client.example/callback?tenant=a%20b";
    const clientId = await shared.clientAt(redirectUri);
    const form = await shared.openPage({ client_id: clientId, redirect_uri: redirectUri });
    const response = await shared.submit(form, { account: user1 });
    expect(answerOf(response).get("tenant")).toBe("a b");
    expect(answerOf(response).get("code")).toBeTruthy();
  });

  it(verifies("authority.cancel", "ends with access_denied on Cancel"), async () => {
    const response = await shared.submit(await shared.openPage(), { cancel: "true" });
    expect(redirectedRefusalOf(response)).toBe("access_denied AADSTS65004");
    expect(answerOf(response).get("state")).toBe("the-state");
    expect(answerOf(response).get("iss")).toBe(shared.issuer);
  });

  it(verifies("authority.page.single-use", "takes the form once"), async () => {
    const form = await shared.openPage();
    expect((await shared.submit(form, { account: user1 })).status).toBe(303);
    const again = await shared.submit(form, { account: user1 });
    expect(again.status).toBe(400);
    expect(again.headers.get("location")).toBeNull();
    expect(await again.text()).toContain("AADSTS50089");
  });

  it(verifies("authority.page.single-use", "takes no form whose id it has not given"), async () => {
    const form = await shared.openPage();
    const forged = { ...form, fields: [{ name: "sign_in", value: "a".repeat(43) }] };
    expect((await shared.submit(forged, { account: user1 })).status).toBe(400);
    expect((await shared.submit({ ...form, fields: [] }, { account: user1 })).status).toBe(400);
  });

  it(verifies("authority.page.single-use", "takes the form for a quarter of an hour"), async () => {
    const { clock, authority } = await clockedAuthority();
    const [inTime, late] = [await authority.openPage(), await authority.openPage()];
    clock.advance(15 * minutes - 1);
    expect((await authority.submit(inTime, { account: user1 })).status).toBe(303);
    clock.advance(1);
    expect((await authority.submit(late, { account: user1 })).status).toBe(400);
  });

  it(verifies("authority.page.single-use", "signs in nobody who is not listed"), async () => {
    const response = await shared.submit(await shared.openPage(), { account: "eve" });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("AADSTS50034");
  });
});

describe("a request for OpenID scopes alone", () => {
  it(verifies("authority.scope", "gets a token for Graph, as in Entra, not the API"), async () => {
    const tokens = await shared.signIn({ scope: "openid profile" });
    expect(claimsOf(tokens.access_token)).toMatchObject({
      aud: graphIdentifierUri,
      scp: "openid profile",
      ver: "1.0",
    });
    expect(claimsOf(tokens.id_token)).toMatchObject({ aud: vscodeClientId });
  });
});
