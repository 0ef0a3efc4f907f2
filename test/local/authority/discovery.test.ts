import { describe, expect, it } from "vitest";
import { startAuthority } from "../../../local/authority/authority.ts";
import { tenantId } from "../../../local/directory.ts";
import { verifies } from "../../requirements.ts";
import { get } from "../functions-host/client.ts";
import { getOverHttps, sharedAuthority, testCertificate } from "./support.ts";

const shared = await sharedAuthority();

const paths = [
  `/${tenantId}/v2.0/.well-known/openid-configuration`,
  `/.well-known/oauth-authorization-server/${tenantId}/v2.0`,
  `/.well-known/openid-configuration/${tenantId}/v2.0`,
];

describe("discovery", () => {
  it.each(paths)(verifies("authority.discovery", "serves the document at %s"), async (path) => {
    const response = await fetch(shared.origin + path);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toMatchObject({
      issuer: shared.issuer,
      authorization_endpoint: `${shared.base}/oauth2/v2.0/authorize`,
      token_endpoint: `${shared.base}/oauth2/v2.0/token`,
      registration_endpoint: `${shared.base}/oauth2/v2.0/register`,
      jwks_uri: shared.keysUrl,
      response_types_supported: ["code"],
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_methods_supported: expect.arrayContaining(["none"]),
    });
  });

  it(verifies("authority.discovery", "names endpoints that exist"), async () => {
    const document = await (await fetch(shared.origin + paths[0])).json();
    for (const [name, value] of Object.entries(document as Record<string, string>)) {
      if (!name.endsWith("_endpoint") && name !== "jwks_uri") continue;
      const { status } = await fetch(value);
      expect(`${name} ${status}`).not.toBe(`${name} 404`);
    }
  });

  it(verifies("authority.two-issuers", "speaks as each origin, with one key set"), async () => {
    const overHttp = (await (await fetch(shared.origin + paths[0])).json()) as Document;
    const overHttps = await getOverHttps(shared.authorityHost + paths[0]);
    const secure = overHttps.json as Document;

    expect(overHttp.issuer).toBe(shared.issuer);
    expect(secure.issuer).toBe(shared.httpsIssuer);
    expect(secure.issuer).toBe(`${shared.authorityHost}/${tenantId}/v2.0`);
    expect(secure.token_endpoint).toBe(`${shared.authorityHost}/${tenantId}/oauth2/v2.0/token`);
    const keys = await (await fetch(overHttp.jwks_uri)).json();
    expect((await getOverHttps(secure.jwks_uri)).json).toEqual(keys);
    expect(keys).toEqual({
      keys: [{ kty: "RSA", use: "sig", kid: expect.any(String), n: expect.any(String), e: "AQAB" }],
    });
  });

  it(verifies("authority.other-tenant", "refuses the paths of other tenants"), async () => {
    const response = await fetch(`${shared.origin}/common/oauth2/v2.0/token`, { method: "POST" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error_codes: [90002] });
    const page = await fetch(`${shared.origin}/common/oauth2/v2.0/authorize`);
    expect(await page.text()).toContain("AADSTS90002");
  });
});

interface Document {
  issuer: string;
  token_endpoint: string;
  jwks_uri: string;
}

describe("the network", () => {
  it.each(["127.0.0.1", "[::1]", "localhost"])(
    verifies("authority.loopback", "accepts connections to %s"),
    async (host) => {
      const url = shared.keysUrl.replace("localhost", host);
      expect((await fetch(url)).status).toBe(200);
    },
  );

  it(verifies("authority.loopback", "speaks as localhost whatever name is asked"), async () => {
    const url = shared.origin.replace("localhost", "127.0.0.1") + paths[0];
    expect(await (await fetch(url)).json()).toMatchObject({ issuer: shared.issuer });
  });

  it(verifies("authority.loopback", "listens under no other address"), async () => {
    // Of all addresses that lead to this machine the one that needs no network.
    const url = shared.keysUrl.replace("localhost", "127.0.0.2");
    await expect(fetch(url)).rejects.toThrow();
  });

  it(verifies("authority.loopback", "answers no request under another host name"), async () => {
    const { status } = await get(shared.keysUrl, { rawHeaders: ["Host", "rebound.example"] });
    expect(status).toBe(421);
  });

  it(verifies("authority.port-in-use", "names a port that is in use"), async () => {
    const first = shared;
    const port = Number(new URL(first.issuer).port);
    const second = startAuthority({ certificate: await testCertificate(), httpPort: port });
    await expect(second).rejects.toThrow(`Entra authority: port ${port} is in use`);
  });

  it.each([
    ["discovery", paths[0] ?? ""],
    ["keys", `/${tenantId}/discovery/v2.0/keys`],
    ["token", `/${tenantId}/oauth2/v2.0/token`],
    ["register", `/${tenantId}/oauth2/v2.0/register`],
  ])(verifies("authority.cross-origin", "lets pages of other origins call %s"), async (_, path) => {
    const preflight = await fetch(shared.origin + path, {
      method: "OPTIONS",
      headers: {
        Origin: "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "mcp-protocol-version",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expect(preflight.headers.get("access-control-allow-headers")).toContain("*");
    const response = await fetch(shared.origin + path);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  });

  it.each([`/${tenantId}/oauth2/v2.0/authorize`, `/${tenantId}/login`, "/_local/demands"])(
    verifies("authority.cross-origin", "does not let them call %s"),
    async (path) => {
      const preflight = await fetch(shared.origin + path, { method: "OPTIONS" });
      expect(preflight.status).toBe(405);
      expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
    },
  );

  it.each([
    ["POST", `/${tenantId}/oauth2/v2.0/devicecode`, "cross-site"],
    ["POST", `/${tenantId}/login`, "cross-site"],
    ["POST", "/devicelogin", "same-site"],
    ["POST", "/_local/outage", "same-site"],
    ["DELETE", "/_local/demands", "cross-site"],
    ["POST", "/_local/accounts", "cross-site"],
  ])(
    verifies("authority.cross-origin", "takes no %s to %s from a page that is %s"),
    async (method, path, site) => {
      const send = (value: string) =>
        fetch(shared.origin + path, { method, headers: { "Sec-Fetch-Site": value } });
      expect((await send(site)).status).toBe(403);
      expect((await send("same-origin")).status).not.toBe(403);
    },
  );
});
