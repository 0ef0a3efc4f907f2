import { ManagedIdentityCredential } from "@azure/identity";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import {
  managedIdentityClientId,
  managedIdentityObjectId,
  tenantId,
} from "../../../local/directory.ts";
import {
  type ManagedIdentityEndpoint,
  startManagedIdentityEndpoint,
} from "../../../local/managed-identity/endpoint.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { verifies } from "../../requirements.ts";
import { sharedAuthority } from "../authority/support.ts";

const shared = await sharedAuthority();

afterEach(() => {
  vi.unstubAllEnvs();
});

async function start(now = Date.now): Promise<ManagedIdentityEndpoint> {
  const endpoint = await startManagedIdentityEndpoint({ authority: shared, now });
  onTestFinished(() => endpoint.close());
  return endpoint;
}

function ask(
  { endpoint, header }: ManagedIdentityEndpoint,
  changes: Record<string, string> = {},
  headers: Record<string, string> = { "X-IDENTITY-HEADER": header },
): Promise<Response> {
  const query = new URLSearchParams({
    resource: "https://storage.azure.com",
    "api-version": "2019-08-01",
    client_id: managedIdentityClientId,
    ...changes,
  });
  return fetch(`${endpoint}?${query}`, { headers });
}

async function tokenOf(response: Response): Promise<string> {
  return ((await response.json()) as { access_token: string }).access_token;
}

describe("the managed identity endpoint", () => {
  it(verifies("managed-identity.token", "answers as App Service does"), async () => {
    const clock = new FakeClock();
    const identity = await start(clock.now);
    const response = await ask(identity);
    expect(response.status).toBe(200);
    const expiresAt = clock.now() / 1000 + 24 * 60 * 60;
    const body = (await response.json()) as { access_token: string };
    expect(body).toEqual({
      access_token: expect.any(String),
      expires_on: String(expiresAt),
      resource: "https://storage.azure.com",
      token_type: "Bearer",
      client_id: managedIdentityClientId,
    });
    expect(decodeJwt(body.access_token)).toMatchObject({
      aud: "https://storage.azure.com",
      appid: managedIdentityClientId,
      oid: managedIdentityObjectId,
      tid: tenantId,
      ver: "1.0",
      nbf: clock.now() / 1000,
      exp: expiresAt,
    });
  });

  it.each([
    ["Storage", "https://storage.azure.com", `https://sts.windows.net/${tenantId}/`],
    ["Cosmos DB", "https://localhost:8081", `https://sts.windows.net/${tenantId}/`],
  ])(verifies("managed-identity.token", "gives a token that %s accepts"), async (_, aud, iss) => {
    const response = await ask(await start(), { resource: aud });
    expect(decodeJwt(await tokenOf(response))).toMatchObject({ aud, iss });
  });

  it(verifies("managed-identity.token", "gives a token for the exchange"), async () => {
    const response = await ask(await start(), { resource: "api://AzureADTokenExchange" });
    const keys = createRemoteJWKSet(new URL(shared.keysUrl));
    const { payload } = await jwtVerify(await tokenOf(response), keys, {
      issuer: shared.httpsIssuer,
      audience: "api://AzureADTokenExchange",
    });
    expect(payload.sub).toBe(managedIdentityObjectId);
    expect(payload.oid).toBe(managedIdentityObjectId);
  });

  it(verifies("managed-identity.token", "is understood by the Azure SDK"), async () => {
    const identity = await start();
    vi.stubEnv("IDENTITY_ENDPOINT", identity.endpoint);
    vi.stubEnv("IDENTITY_HEADER", identity.header);
    const credential = new ManagedIdentityCredential({ clientId: managedIdentityClientId });
    const { token } = await credential.getToken("https://localhost:8081/.default");
    expect(decodeJwt(token).aud).toBe("https://localhost:8081");
  });

  it.each([
    ["no resource", { resource: "" }, 400],
    ["another version", { "api-version": "2017-09-01" }, 400],
    ["an unknown client id", { client_id: "11111111-2222-3333-4444-555555555555" }, 400],
    ["the system-assigned identity", { client_id: "" }, 400],
  ])(verifies("managed-identity.refusal", "refuses %s"), async (_, changes, status) => {
    const response = await ask(await start(), changes);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ statusCode: status, message: expect.any(String) });
  });

  it(verifies("managed-identity.refusal", "refuses a missing or wrong header"), async () => {
    const identity = await start();
    expect((await ask(identity, {}, {})).status).toBe(401);
    expect((await ask(identity, {}, { "X-IDENTITY-HEADER": "wrong" })).status).toBe(401);
    const { header } = await start();
    expect(header).not.toBe(identity.header);
    expect((await ask(identity, {}, { "X-IDENTITY-HEADER": header })).status).toBe(401);
  });

  it(verifies("managed-identity.refusal", "refuses other paths and methods"), async () => {
    const identity = await start();
    const headers = { "X-IDENTITY-HEADER": identity.header };
    const elsewhere = new URL("/", identity.endpoint);
    expect((await fetch(elsewhere, { headers })).status).toBe(404);
    expect((await fetch(identity.endpoint, { method: "POST", headers })).status).toBe(405);
  });
});
