// The cases of https://github.com/cloudflare/workers-oauth-provider/tree/main/conformance, written anew:
// "theirs" is what that server does.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { type DocumentHost, startDocumentHost } from "../../support/document-host.ts";
import { issuer } from "../composed-gateway.ts";
import { type GatewayUnderTest, startGateway } from "../gateway-under-test.ts";
import { PublicClient, redirectUri, register } from "../public-client.ts";

const withoutRegistration = { GATEWAY_REGISTRATION: "off" };

async function metadataOf(gateway: GatewayUnderTest) {
  const url = new URL("/.well-known/oauth-authorization-server/gateway", issuer);
  return JSON.parse(await (await gateway.fetch(url)).text());
}

async function expectWholeWay(gateway: GatewayUnderTest, client: PublicClient): Promise<void> {
  const { access_token } = await client.tokens();
  expect((await gateway.composed.call(access_token)).status).toBe(200);
}

describe("a client that registers itself", () => {
  it(
    verifies("gateway.conformance.registration", "is public, and goes the whole way"),
    async () => {
      const gateway = await startGateway();
      const answer = await register(gateway, {});
      expect(answer.status).toBe(201);
      const registered = JSON.parse(await answer.text());
      expect(registered).toMatchObject({
        client_id: expect.stringMatching(/./),
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      });
      expect(registered).not.toHaveProperty("client_secret");
      await expectWholeWay(gateway, PublicClient.known(gateway, registered.client_id));
    },
  );

  /** Clients keep their id for ever, and their libraries register again when they are told this. */
  it(
    verifies("gateway.conformance.registration", "and is forgotten is told to register again"),
    async () => {
      const gateway = await startGateway();
      const client = await PublicClient.register(gateway);
      const { refresh_token } = await client.tokens();
      gateway.wait(31 * 24 * 60 * 60);
      const answer = await client.refresh(refresh_token);
      expect([answer.status, await answer.json()]).toMatchObject([
        400,
        { error: "invalid_client" },
      ]);
    },
  );

  /** Theirs gets a secret. Here it is told what it can be instead, and tries again without. */
  it.each([["client_secret_basic"], ["client_secret_post"], ["private_key_jwt"]])(
    verifies("gateway.conformance.registration", "is not one of %s"),
    async (method) => {
      const answer = await register(await startGateway(), { token_endpoint_auth_method: method });
      expect(answer.status).toBe(400);
      const { error, error_description } = JSON.parse(await answer.text());
      expect(error).toBe("invalid_client_metadata");
      expect(error_description).toContain("must be none");
    },
  );

  it(verifies("gateway.conformance.registration", "cannot have what there is not"), async () => {
    const gateway = await startGateway();
    for (const unsupported of [
      { grant_types: ["password"] },
      { response_types: [] },
      { grant_types: ["password"], response_types: [], token_endpoint_auth_method: "tls" },
    ]) {
      const answer = await register(gateway, unsupported);
      expect(answer.status).toBe(400);
      expect(answer.headers.get("cache-control")).toContain("no-store");
      expect(await answer.json()).toMatchObject({ error: "invalid_client_metadata" });
    }
  });
});

describe("where nobody may register itself", () => {
  let host: DocumentHost;
  beforeEach(async () => {
    host = await startDocumentHost();
  });
  afterEach(() => host.close());

  const started = (environment: Readonly<Record<string, string>> = {}) =>
    startGateway({
      environment: { ...withoutRegistration, ...environment },
      adapters: { documentNetwork: host.network },
    });

  /** Theirs has a secret. */
  it(verifies("gateway.conformance.registration", "a client that is set is known"), async () => {
    const gateway = await started({ GATEWAY_CLIENTS: `portal=${redirectUri}` });
    expect(await metadataOf(gateway)).not.toHaveProperty("registration_endpoint");
    expect((await register(gateway, {})).status).toBe(404);
    await expectWholeWay(gateway, PublicClient.known(gateway, "portal"));
  });

  it(
    verifies("gateway.conformance.registration", "a document that leaves a choice is accepted"),
    async () => {
      const gateway = await started();
      expect((await metadataOf(gateway)).client_id_metadata_document_supported).toBe(true);
      // As ChatGPT's says: it has a key, and can do without.
      const id = host.publish("/oauth/client.json", {
        client_name: "A chat application",
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code", "refresh_token", "urn:example:another"],
        response_types: ["code", "id_token"],
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
        token_endpoint_auth_signing_alg: "RS256",
        jwks_uri: `${host.origin}/keys.json`,
        logo_uri: "https://elsewhere.example/logo.png",
      });
      await expectWholeWay(gateway, PublicClient.known(gateway, id));
      // Neither its keys nor its logo.
      expect(new Set(host.requests)).toEqual(new Set(["/oauth/client.json"]));
    },
  );

  /** Theirs is JSON; here the person whose browser asks is told. */
  it(
    verifies("gateway.conformance.registration", "a document of another client is refused"),
    async () => {
      const gateway = await started();
      const id = host.publish("/client.json", {
        client_id: "https://attacker.example/client.json",
        redirect_uris: [redirectUri],
      });
      const answer = await PublicClient.known(gateway, id).authorize();
      expect(answer.status).toBe(400);
      expect(answer.headers.get("location")).toBeNull();
      expect(await answer.text()).toContain("client_id");
    },
  );
});
