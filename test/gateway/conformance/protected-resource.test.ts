// The cases of https://github.com/cloudflare/workers-oauth-provider/tree/main/conformance, written anew:
// "theirs" is what that server does.
import { beforeEach, describe, expect, it } from "vitest";
import { claimsWith, sign } from "../../gates/tokens.ts";
import { verifies } from "../../requirements.ts";
import { host } from "../../support/composed.ts";
import { gatewayClientId, issuer, resource } from "../composed-gateway.ts";
import { type GatewayUnderTest, startGateway } from "../gateway-under-test.ts";
import { PublicClient } from "../public-client.ts";

const metadataUrl = `https://${host}/.well-known/oauth-protected-resource/gateway/mcp`;

let gateway: GatewayUnderTest;
let client: PublicClient;
beforeEach(async () => {
  gateway = await startGateway();
  client = await PublicClient.register(gateway);
});

describe("a call", () => {
  it(
    verifies("gateway.conformance.resource", "without a token is told where to get one"),
    async () => {
      const answer = await gateway.fetch(resource, { method: "POST" });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("cache-control")).toContain("no-store");
      // RFC 6750 section 3.1: no error where there was no token to be wrong.
      expect(answer.headers.get("www-authenticate")).toBe(
        `Bearer resource_metadata="${metadataUrl}", scope="user_impersonation"`,
      );
    },
  );

  it(verifies("gateway.conformance.resource", "with what is no token is refused"), async () => {
    const answer = await gateway.composed.call("not-a-token");
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
    expect(await answer.json()).toMatchObject({ error: "invalid_token" });
  });

  it(verifies("gateway.conformance.resource", "takes tokens of its own audience"), async () => {
    const { access_token } = await client.tokens();
    const entra = await sign(gateway.composed.key, claimsWith({ azp: gatewayClientId }));
    for (const [token, url] of [
      [access_token, `https://${host}/mcp`],
      [entra, resource],
    ] as const) {
      const answer = await gateway.composed.call(token, url);
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
    }
    expect((await gateway.composed.call(access_token)).status).toBe(200);
  });
});

describe("the resource's metadata", () => {
  it(verifies("gateway.conformance.resource", "are where the challenge says"), async () => {
    const answer = await gateway.fetch(metadataUrl);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    const document = JSON.parse(await answer.text());
    // Clients refuse a resource other than the one that they have called.
    expect(document).toMatchObject({
      resource,
      authorization_servers: [issuer],
      scopes_supported: ["user_impersonation"],
      bearer_methods_supported: ["header"],
    });
  });

  it(verifies("gateway.conformance.resource", "lead to the server that names it"), async () => {
    const { authorization_servers } = JSON.parse(await (await gateway.fetch(metadataUrl)).text());
    const { origin, pathname } = new URL(authorization_servers[0]);
    const wellKnown = `${origin}/.well-known/oauth-authorization-server${pathname}`;
    const metadata = JSON.parse(await (await gateway.fetch(wellKnown)).text());
    expect(metadata.issuer).toBe(authorization_servers[0]);
    expect(metadata.protected_resources).toEqual([resource]);
  });
});

describe("a token for more than was granted", () => {
  it(verifies("gateway.conformance.resource", "is refused, and the code stays good"), async () => {
    const code = await client.code();
    const wider = await client.redeem(code, { resource: `https://${host}/mcp` });
    expect([wider.status, await wider.json()]).toMatchObject([400, { error: "invalid_target" }]);
    expect((await client.redeem(code)).status).toBe(200);
  });

  it(
    verifies("gateway.conformance.resource", "is refused, and the refresh token stays good"),
    async () => {
      const { refresh_token } = await client.tokens();
      for (const wider of [
        { resource: `https://${host}/mcp` },
        { scope: "user_impersonation everything" },
      ]) {
        expect((await client.refresh(refresh_token, wider)).status).toBe(400);
      }
      expect((await client.refresh(refresh_token)).status).toBe(200);
    },
  );

  /**
   * Theirs answers 403 with insufficient_scope where a token has too little scope. Here no token has: there
   * is one scope, and every token of the gateway has it. What a person may do beside is their role's.
   */
  it.each([
    ["user_impersonation"],
    ["user_impersonation everything"],
    ["openid"],
    ["profile email"],
  ])(
    verifies("gateway.conformance.resource", "is not given to whoever asks for %s"),
    async (scope) => {
      const answer = await client.redeem(await client.code({ scope }));
      const tokens = JSON.parse(await answer.text());
      expect(tokens.scope).toBe("user_impersonation");
      expect((await gateway.composed.call(tokens.access_token)).status).toBe(200);
    },
  );
});
