import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../downstream/fakes.ts";
import { claimsWith, sign } from "../gates/tokens.ts";
import { verifies } from "../requirements.ts";
import { host } from "../support/composed.ts";
import {
  type ComposedGateway,
  composeGateway,
  gatewayClientId,
  issuer,
  objectId,
  resource,
} from "./composed-gateway.ts";

let gateway: ComposedGateway;
beforeEach(async () => {
  gateway = await composeGateway();
});

const get = (path: string) => gateway.fetch(`https://${host}/${path}`);

/** A document as anybody reads it. */
async function documentAt(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await (await get(path)).text());
}

async function readinessOf({ readiness }: ComposedGateway): Promise<unknown> {
  const request = new Request("https://server.invalid/health/ready");
  return (await readiness(request, { id: "invocation", log: () => {} })).json();
}

describe("the gateway as a whole", () => {
  it(verifies("gateway.whole-way", "leads from registration to a call as the person"), async () => {
    const { accessToken, refreshToken, clientId } = await gateway.signIn();
    const answer = await gateway.call(accessToken);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("Uma First");
    expect(refreshToken).toBeDefined();

    const [code, exchange] = gateway.asked;
    expect(code).toMatchObject({ grant_type: "authorization_code", client_id: gatewayClientId });
    // On-behalf-of goes on from Entra's token, never from the gateway's.
    expect(decodeJwt(exchange?.assertion ?? "")).toMatchObject({ azp: gatewayClientId });
    const call = gateway.events.find(({ event }) => event === "audit.tool-call");
    expect(call?.fields).toMatchObject({ objectId, clientId });
  });

  it(verifies("gateway.whole-way", "gives tokens that anybody can verify"), async () => {
    const { accessToken, clientId } = await gateway.signIn();
    const keys = await documentAt("gateway/jwks");
    const verified = await jwtVerify(accessToken, createLocalJWKSet(keys as never), {
      issuer,
      audience: resource,
      typ: "at+jwt",
      algorithms: ["ES256"],
      currentDate: new Date(gateway.clock.now()),
    });
    const { sub, client_id, scope, exp = 0, iat = 0 } = verified.payload;
    expect([sub, client_id, scope, exp - iat]).toEqual([
      objectId,
      clientId,
      "user_impersonation",
      600,
    ]);
    const shown = JSON.stringify([gateway.events, verified]);
    expect(shown).not.toContain("refresh-");
    expect(JSON.stringify(gateway.events)).not.toContain(accessToken);
  });

  it(verifies("gateway.whole-way", "refreshes, and asks Entra each time"), async () => {
    const { refreshToken = "", clientId } = await gateway.signIn();
    const refreshed = await gateway.post("token", {
      grant_type: "refresh_token",
      refresh_token: refreshToken,
      client_id: clientId,
    });
    expect(refreshed.status).toBe(200);
    const { access_token } = JSON.parse(await refreshed.text());
    expect((await gateway.call(access_token)).status).toBe(200);
    expect(gateway.asked.map(({ grant_type }) => grant_type)).toContain("refresh_token");
  });

  it(verifies("gateway.own-tokens", "keeps the tokens of the two sides apart"), async () => {
    const { accessToken } = await gateway.signIn();
    const mcp = `https://${host}/mcp`;
    const entra = await sign(gateway.key, claimsWith());
    const ofGateway = await sign(gateway.key, claimsWith({ azp: gatewayClientId }));
    expect((await gateway.call(entra, mcp)).status).toBe(200);
    expect((await gateway.call(accessToken, mcp)).status).toBe(401);
    expect((await gateway.call(entra)).status).toBe(401);
    // Entra's token for the gateway's registration is for neither.
    expect((await gateway.call(ofGateway, mcp)).status).toBe(403);
    expect((await gateway.call(ofGateway)).status).toBe(401);
    const reasons = gateway.events
      .filter(({ event, fields }) => event === "audit.authentication" && fields?.reason)
      .map(({ fields }) => fields?.reason);
    expect(reasons).toContain("gateway-token");
  });

  it(verifies("gateway.challenge", "answers a challenge plainly, and meets it once"), async () => {
    const first = await gateway.signIn();
    const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: "c1" } } });
    gateway.entraAnswers = ({ assertion = "" }) => {
      const isExchange = assertion !== "" && decodeJwt(assertion).acrs === undefined;
      return isExchange ? refusal(50076, { claims }) : undefined;
    };
    const challenged = await gateway.call(first.accessToken);
    expect(challenged.status).toBe(401);
    const header = challenged.headers.get("www-authenticate");
    expect(header).toContain('error="invalid_token"');
    expect(header).not.toContain("claims=");
    expect((await gateway.call(first.accessToken)).status).toBe(401);
    const refreshed = await gateway.post("token", {
      grant_type: "refresh_token",
      refresh_token: first.refreshToken ?? "",
      client_id: first.clientId,
    });
    expect(await refreshed.json()).toMatchObject({ error: "invalid_grant" });

    const second = await gateway.signIn({ clientId: first.clientId });
    const served = await gateway.call(second.accessToken);
    expect(await served.text()).toContain("Uma First");
  });

  it(verifies("gateway.metadata", "tells clients what they need, and no more"), async () => {
    const document = await documentAt(".well-known/oauth-authorization-server/gateway");
    expect(document).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      revocation_endpoint: `${issuer}/revoke`,
      registration_endpoint: `${issuer}/register`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none"],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
    });
    expect(await documentAt("gateway/.well-known/openid-configuration")).toEqual(document);
    const ofResource = ".well-known/oauth-protected-resource/gateway/mcp";
    expect(await documentAt(ofResource)).toMatchObject({
      resource,
      authorization_servers: [issuer],
      scopes_supported: ["user_impersonation"],
    });
    const refused = await gateway.fetch(resource, { method: "POST" });
    expect(refused.headers.get("www-authenticate")).toBe(
      `Bearer resource_metadata="https://${host}/${ofResource}", scope="user_impersonation"`,
    );
  });

  it(verifies("gateway.metadata", "offers registration only where that is on"), async () => {
    gateway = await composeGateway({ environment: { GATEWAY_REGISTRATION: "off" } });
    const document = await documentAt(".well-known/oauth-authorization-server/gateway");
    expect(document.registration_endpoint).toBeUndefined();
    const register = await gateway.fetch(`${issuer}/register`, { method: "POST" });
    expect(register.status).toBe(404);
  });

  it(verifies("gateway.hosts", "is at the issuer's host alone, or behind a proxy"), async () => {
    const environment = {
      ALLOWED_HOSTS: "api.contoso.example",
      WEBSITE_HOSTNAME: "func.contoso.example",
      AZURE_CLIENT_ID: gatewayClientId,
    };
    const statuses = async (hops: string) => {
      gateway = await composeGateway({ environment: { ...environment, TRUSTED_PROXY_HOPS: hops } });
      const names = [host, "api.contoso.example", "func.contoso.example"];
      const paths = ["gateway/jwks", ".well-known/oauth-protected-resource/gateway/mcp"];
      return Promise.all(
        names.flatMap((name) =>
          paths.map(async (path) => (await gateway.fetch(`https://${name}/${path}`)).status),
        ),
      );
    };
    expect(await statuses("1")).toEqual([200, 200, 403, 403, 403, 403]);
    expect(await statuses("2")).toEqual([200, 200, 403, 403, 200, 200]);
  });

  it(verifies("gateway.rates", "counts together with /mcp"), async () => {
    gateway = await composeGateway({ environment: { RATE_LIMIT_PER_ADDRESS: "4" } });
    const headers = { "x-forwarded-for": "203.0.113.7" };
    const status = async (url: string) =>
      (await gateway.fetch(url, { method: "POST", headers })).status;
    const found = [];
    for (const url of [`https://${host}/mcp`, resource, `${issuer}/token`, resource, resource]) {
      found.push(await status(url));
    }
    expect(found.at(-2)).toBe(401);
    expect(found.at(-1)).toBe(429);
  });

  it(verifies("gateway.off", "is not there unless it is on"), async () => {
    const opened: string[] = [];
    gateway = await composeGateway({
      environment: { GATEWAY: "off" },
      adapters: {
        openContainer: async (name) => {
          opened.push(name);
          throw new Error("No container.");
        },
      },
    });
    expect(gateway.gateway).toBeUndefined();
    expect(await readinessOf(gateway)).toMatchObject({
      dependencies: { entra: "ok", cosmos: "ok", storage: "ok" },
    });
    expect(await readinessOf(gateway)).not.toHaveProperty("dependencies.gateway");
    expect(opened).toEqual([]);
    const token = await sign(gateway.key, claimsWith({ azp: gatewayClientId }));
    expect((await gateway.call(token, `https://${host}/mcp`)).status).toBe(200);
  });

  it(verifies("gateway.readiness", "is ready once container and keys can be had"), async () => {
    expect(await readinessOf(gateway)).toMatchObject({ dependencies: { gateway: "ok" } });
    const unreachable = { ok: false, reason: { kind: "unavailable", cause: "none" } } as const;
    for (const adapters of [
      { openContainer: () => Promise.reject(new Error("No container.")) },
      {
        gatewayKeyStorage: {
          read: async () => unreachable,
          create: async () => unreachable,
          replace: async () => unreachable,
        },
      },
    ]) {
      const failing = await composeGateway({ adapters });
      expect(await readinessOf(failing)).toMatchObject({
        status: "unavailable",
        dependencies: { gateway: "unavailable", storage: "ok" },
      });
    }
  });
});
