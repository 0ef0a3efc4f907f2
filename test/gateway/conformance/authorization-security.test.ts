// The cases of https://github.com/cloudflare/workers-oauth-provider/tree/main/conformance, written anew:
// "theirs" is what that server does.
import { decodeJwt } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { issuer, resource } from "../composed-gateway.ts";
import { type GatewayUnderTest, startGateway } from "../gateway-under-test.ts";
import { type Fields, PublicClient } from "../public-client.ts";

let gateway: GatewayUnderTest;
let client: PublicClient;
beforeEach(async () => {
  gateway = await startGateway();
  client = await PublicClient.register(gateway);
});

async function documentAt(path: string) {
  return JSON.parse(await (await gateway.fetch(new URL(path, issuer))).text());
}

const metadata = () => documentAt("/.well-known/oauth-authorization-server/gateway");
const resourceMetadata = () => documentAt("/.well-known/oauth-protected-resource/gateway/mcp");

describe("an authorization request", () => {
  it.each([
    ["a redirect URI that is not registered", { redirect_uri: "https://attacker.example/" }],
    ["a client that nobody knows", { client_id: "nobody" }],
  ])(verifies("gateway.conformance.security", "with %s leads nowhere"), async (_what, changes) => {
    const answer = await client.authorize(changes);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("location")).toBeNull();
    expect(answer.headers.get("refresh")).toBeNull();
    expect(await answer.text()).not.toContain("attacker.example");
  });

  it.each([
    ["with a fragment", `${resource}#part`],
    ["of another path", `https://${new URL(issuer).host}/mcp`],
    ["of another host", "https://elsewhere.example/gateway/mcp"],
  ])(
    verifies("gateway.conformance.security", "for a resource %s is invalid_target"),
    async (_what, named) => {
      const answer = await client.authorize({ resource: named });
      expect(answer.status).toBe(400);
      expect(answer.headers.get("location")).toBeNull();
      expect(await answer.text()).toContain("invalid_target");
    },
  );

  it.each([
    ["neither request", undefined, undefined],
    ["the authorization request alone", resource, undefined],
    ["the token request alone", undefined, resource],
    ["both requests", resource, resource],
  ])(
    verifies("gateway.conformance.security", "is for this resource when %s names it"),
    async (_what, first, second) => {
      const code = await client.code({ resource: first });
      const answer = await client.redeem(code, { resource: second });
      const { access_token } = JSON.parse(await answer.text());
      expect(decodeJwt(access_token).aud).toBe(resource);
    },
  );
});

describe("a code that comes otherwise than it went", () => {
  /**
   * Theirs lets the client try again. Here it is spent: with another redirect URI or verifier it is in
   * hands that have not asked for it (RFC 9700 section 4.5), and a client makes no such mistake by chance.
   */
  it.each<[string, Fields]>([
    ["another redirect URI", { redirect_uri: "https://attacker.example/" }],
    ["another verifier", { code_verifier: "v".repeat(43) }],
  ])(verifies("gateway.conformance.security", "with %s is spent"), async (_what, changes) => {
    const code = await client.code();
    const misused = await client.redeem(code, changes);
    expect([misused.status, await misused.json()]).toMatchObject([400, { error: "invalid_grant" }]);
    const again = await client.redeem(code);
    expect([again.status, await again.json()]).toMatchObject([400, { error: "invalid_grant" }]);
  });

  /** There are no confidential clients, so that each method is one that the client does not have. */
  it.each<[string, Fields, Record<string, string>, number, string | null]>([
    [
      "client_secret_basic",
      { client_id: undefined },
      { authorization: `Basic ${btoa("client:secret")}` },
      401,
      'Basic realm="gateway"',
    ],
    ["client_secret_post", { client_secret: "secret" }, {}, 400, null],
    ["private_key_jwt", { client_assertion: "a.b.c" }, {}, 400, null],
  ])(
    verifies("gateway.conformance.security", "by %s is refused, and not spent"),
    async (_method, changes, headers, status, challenge) => {
      const code = await client.code();
      const refused = await client.redeem(code, changes, { headers });
      expect(refused.status).toBe(status);
      expect(refused.headers.get("www-authenticate")).toBe(challenge);
      expect(await refused.json()).toMatchObject({ error: "invalid_client" });
      expect((await client.redeem(code)).status).toBe(200);
    },
  );
});

describe("the issuer in answers", () => {
  it(verifies("gateway.conformance.security", "is announced, and there once"), async () => {
    const { issuer: announced, ...rest } = await metadata();
    expect(rest.authorization_response_iss_parameter_supported).toBe(true);
    const back = await client.comeBack();
    expect(back.searchParams.getAll("iss")).toEqual([announced]);
  });

  it(verifies("gateway.conformance.security", "is there when the person says no"), async () => {
    gateway.denies = true;
    const { searchParams } = await client.comeBack();
    expect(Object.fromEntries(searchParams)).toEqual({
      error: "access_denied",
      state: "a-state",
      iss: issuer,
    });
  });
});

/**
 * Theirs announces offline_access as something that the authorization server can do. Here nobody has to
 * ask: refresh tokens come with every code, as grant_types_supported says, and clients that follow
 * 2026-07-28 ask for the scope only where it is announced. Those that ask anyway are not refused.
 */
describe("offline_access", () => {
  it(verifies("gateway.conformance.security", "is announced nowhere"), async () => {
    expect((await metadata()).scopes_supported).toEqual(["user_impersonation"]);
    expect((await resourceMetadata()).scopes_supported).toEqual(["user_impersonation"]);
    const refused = await gateway.fetch(resource, { method: "POST" });
    expect(refused.headers.get("www-authenticate")).not.toContain("offline_access");
  });

  it.each([
    ["nothing", undefined],
    ["the scope", "user_impersonation"],
    ["offline_access too", "user_impersonation offline_access"],
    ["offline_access alone", "offline_access"],
  ])(
    verifies("gateway.conformance.security", "is not needed: who asks for %s can refresh"),
    async (_what, scope) => {
      const answer = await client.redeem(await client.code({ scope, prompt: "consent" }));
      const tokens = JSON.parse(await answer.text());
      expect(tokens.scope).toBe("user_impersonation");
      expect((await client.refresh(tokens.refresh_token, { scope })).status).toBe(200);
    },
  );
});
