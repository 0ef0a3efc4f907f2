import { describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { sharedAuthority, testAuthority } from "./support.ts";

const shared = await sharedAuthority();
const loopback = "http://127.0.0.1/callback";
const cursor = "cursor://anysphere.cursor-mcp/cb";
const good = { redirect_uris: [loopback] };
const metadataError = "invalid_client_metadata";

describe("registration", () => {
  it(verifies("authority.registration", "answers with what was registered"), async () => {
    const response = await shared.register({
      client_name: "An editor",
      redirect_uris: [loopback],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "client_secret_basic",
      logo_uri: "https://client.example/logo.png",
    });
    expect(response.status).toBe(201);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({
      client_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      client_id_issued_at: expect.any(Number),
      client_name: "An editor",
      redirect_uris: [loopback],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    });
  });

  it.each([
    ["loopback at any port", "http://127.0.0.1:5123/callback", "http://127.0.0.1:9/callback"],
    ["loopback by IPv6", "http://[::1]/callback", "http://[::1]:9/callback"],
    ["localhost", "http://localhost:6274/oauth/callback", "http://localhost/oauth/callback"],
    ["https", "https://client.example/callback", "https://client.example/callback"],
    ["a scheme of an editor", cursor, cursor],
    ["a reversed domain name", "com.example.app:/callback", "com.example.app:/callback"],
  ])(
    verifies(["authority.registration", "authority.redirect-uri"], "accepts %s"),
    async (_, registered, asked) => {
      const client_id = await shared.clientAt(registered);
      expect((await shared.authorize({ client_id, redirect_uri: asked })).status).toBe(200);
    },
  );

  it.each([
    ["another host", loopback, "http://localhost/callback"],
    ["another path", loopback, "http://127.0.0.1/callback/more"],
    ["another query", loopback, "http://127.0.0.1/callback?more"],
    ["https for http", loopback, "https://127.0.0.1/callback"],
    ["a fragment", loopback, "http://127.0.0.1/callback#more"],
    ["credentials", loopback, "http://somebody@127.0.0.1/callback"],
    ["another port of https", "https://client.example/cb", "https://client.example:8443/cb"],
    ["a longer host", "https://client.example/cb", "https://client.example.evil.example/cb"],
    ["another case", "https://client.example/cb", "https://client.example/CB"],
  ])(verifies("authority.redirect-uri", "is not matched by %s"), async (_, registered, asked) => {
    const client_id = await shared.clientAt(registered);
    const response = await shared.authorize({ client_id, redirect_uri: asked });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("AADSTS50011");
  });

  it.each([
    ["plain http elsewhere", "http://client.example/callback"],
    ["a fragment", "https://client.example/#callback"],
    ["credentials", "https://user:password@client.example/"],
    ["the end of a policy's directive", "https://client.example;sandbox/"],
    ["any host", "https://*/"],
    ["no URI", "callback"],
    ["a script", "javascript://client.example/%0aalert(1)"],
    ["data", "data:text/html,hello"],
    ["a file", "file:///etc/passwd"],
    ["no path", "cursor:callback"],
    ["something endless", `https://client.example/${"x".repeat(3000)}`],
  ])(verifies("authority.registration", "refuses a redirect URI: %s"), async (_, uri) => {
    const response = await shared.register({ redirect_uris: [loopback, uri] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: "invalid_redirect_uri" });
  });

  it.each([
    ["no redirect URI", {}, "invalid_redirect_uri"],
    ["an empty list", { redirect_uris: [] }, "invalid_redirect_uri"],
    ["too many", { redirect_uris: Array(21).fill(loopback) }, "invalid_redirect_uri"],
    ["a name that is none", { ...good, client_name: 1 }, metadataError],
    ["another grant", { ...good, grant_types: ["client_credentials"] }, metadataError],
    ["another response type", { ...good, response_types: ["token"] }, metadataError],
    ["no object", "text", metadataError],
  ])(verifies("authority.registration", "refuses %s"), async (_, metadata, error) => {
    const response = await shared.register(metadata);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error });
  });

  it(verifies("authority.registration.bounded", "forgets the client unused longest"), async () => {
    const authority = await testAuthority();
    const register = async () => authority.clientAt(loopback);
    const isKnown = async (client_id: string) => {
      const response = await authority.authorize({ client_id, redirect_uri: loopback });
      return response.status === 200;
    };
    const [used, unused] = [await register(), await register()];
    for (let others = 0; others < 197; others++) await register();
    expect(await isKnown(used)).toBe(true);
    await register();
    expect(await isKnown(unused)).toBe(true);
    expect(await isKnown(used)).toBe(true);
    for (let others = 0; others < 199; others++) await register();
    expect(await isKnown(unused)).toBe(false);
    expect(await isKnown(used)).toBe(true);
  });

  it(
    verifies("authority.registration.bounded", "keeps who has signed in, whoever registers then"),
    async () => {
      const authority = await testAuthority();
      const redirect_uri = loopback;
      const client_id = await authority.clientAt(redirect_uri);
      expect(await authority.authorizationCode({ client_id, redirect_uri })).not.toBe("");
      for (let others = 0; others < 250; others++) await authority.clientAt(redirect_uri);
      expect((await authority.authorize({ client_id, redirect_uri })).status).toBe(200);
    },
  );
});
