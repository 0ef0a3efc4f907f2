// The cases of https://github.com/cloudflare/workers-oauth-provider/tree/main/conformance, written anew:
// "theirs" is what that server does.
import { decodeJwt } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { issuer, resource } from "../composed-gateway.ts";
import { type GatewayUnderTest, startGateway } from "../gateway-under-test.ts";
import { type Fields, PublicClient, redirectUri } from "../public-client.ts";

let gateway: GatewayUnderTest;
let client: PublicClient;
beforeEach(async () => {
  gateway = await startGateway();
  client = await PublicClient.register(gateway);
});

/** Clients of 2025-03-26 know no resource indicators; all later ones send theirs. */
const eras: readonly (readonly [string, string | undefined])[] = [
  ["2025-03-26", undefined],
  ["2025-06-18 and later", resource],
];

describe("the metadata", () => {
  it.each([
    [".well-known/oauth-authorization-server/gateway"],
    ["gateway/.well-known/openid-configuration"],
  ])(verifies("gateway.conformance.server", "at /%s names what there is"), async (path) => {
    const answer = await gateway.fetch(new URL(`/${path}`, issuer));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    const metadata = JSON.parse(await answer.text());
    // Clients refuse metadata of an issuer other than the one whose address they made.
    expect(metadata.issuer).toBe(issuer);
    for (const endpoint of ["authorization", "token", "revocation", "registration"]) {
      expect(metadata[`${endpoint}_endpoint`]).toMatch(new RegExp(`^${issuer}/\\w+$`));
    }
    expect(metadata).toMatchObject({
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
    });
  });

  /** Theirs has secrets too: MCP's clients run on people's machines, where nothing stays secret. */
  it(verifies("gateway.conformance.server", "offers no client authentication"), async () => {
    const url = new URL("/.well-known/oauth-authorization-server/gateway", issuer);
    const metadata = JSON.parse(await (await gateway.fetch(url)).text());
    expect(metadata.token_endpoint_auth_methods_supported).toEqual(["none"]);
    expect(metadata.revocation_endpoint_auth_methods_supported).toEqual(["none"]);
  });
});

describe.each(eras)("a client of %s", (_era, named) => {
  it(verifies("gateway.conformance.server", "goes the whole way with a code"), async () => {
    const back = await client.comeBack({ resource: named });
    expect(back.origin + back.pathname).toBe(redirectUri);
    const parameters = [...back.searchParams].map(([name]) => name);
    expect(parameters.sort()).toEqual(["code", "iss", "state"]);
    expect(back.searchParams.get("state")).toBe("a-state");
    expect(back.searchParams.get("iss")).toBe(issuer);

    const code = back.searchParams.get("code") ?? "";
    const answer = await client.redeem(code, { resource: named });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("cache-control")).toContain("no-store");
    expect(answer.headers.get("pragma")).toBe("no-cache");
    const tokens = JSON.parse(await answer.text());
    expect(tokens).toMatchObject({
      token_type: "Bearer",
      expires_in: 600,
      scope: "user_impersonation",
    });
    expect((await gateway.composed.call(tokens.access_token)).status).toBe(200);
  });

  /** Theirs names the resource in the answer too, where RFC 8707 has no such member. */
  it(verifies("gateway.conformance.server", "gets tokens for the resource alone"), async () => {
    const code = await client.code({ resource: named });
    const answer = await client.redeem(code, { resource: named });
    const tokens = JSON.parse(await answer.text());
    expect(decodeJwt(tokens.access_token).aud).toBe(resource);
    expect(tokens).not.toHaveProperty("resource");
  });

  const withoutProof: readonly (readonly [string, Fields])[] = [
    ["without PKCE", { code_challenge: undefined, code_challenge_method: undefined }],
    ["with plain", { code_challenge_method: "plain" }],
    // RFC 7636 section 4.3 would have it mean plain.
    ["with a challenge that has no method", { code_challenge_method: undefined }],
    ["with a method that nobody knows", { code_challenge_method: "S512" }],
  ];

  /** Theirs is JSON: here a person's browser is what asks, so that they get a page. */
  it.each(withoutProof)(
    verifies("gateway.conformance.server", "is not let in %s"),
    async (_what, changes) => {
      const answer = await client.authorize({ resource: named, ...changes });
      expect(answer.status).toBe(400);
      expect(answer.headers.get("location")).toBeNull();
      expect(answer.headers.get("content-type")).toContain("text/html");
      expect(await answer.text()).toMatch(/invalid_request: code_challenge(?:_method)? must be/);
    },
  );

  it(verifies("gateway.conformance.server", "gets nothing for a wrong verifier"), async () => {
    const code = await client.code({ resource: named });
    const answer = await client.redeem(code, { resource: named, code_verifier: "v".repeat(43) });
    expect(answer.status).toBe(400);
    expect(answer.headers.get("cache-control")).toContain("no-store");
    expect(await answer.json()).toMatchObject({ error: "invalid_grant" });
  });
});
