import { describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { answering, day, gatewayClients } from "./support.ts";

const loopback = "http://127.0.0.1:33418/callback";
const good = { redirect_uris: [loopback] };
const metadataError = "invalid_client_metadata";
const uriError = "invalid_redirect_uri";

describe("registration", () => {
  const cited = "gateway-clients.registration";

  it(verifies(cited, "answers with what is registered, and no secret"), async () => {
    const { register, clients, clock } = gatewayClients();
    const { status, headers, body } = await register({
      client_name: "An\u202e editor\n",
      redirect_uris: [loopback, "https://client.example/callback"],
      grant_types: ["authorization_code", "refresh_token", "client_credentials"],
      response_types: ["code", "token"],
      token_endpoint_auth_method: "none",
      scope: "openid everything",
      client_id: "https://client.example/chosen",
      client_secret: "chosen",
      logo_uri: "http://169.254.169.254/",
      jwks_uri: "http://169.254.169.254/",
      software_statement: "none",
    });
    expect(status).toBe(201);
    expect(headers).toMatchObject({ "cache-control": "no-store" });
    expect(body).toEqual({
      client_id: expect.stringMatching(/^dcr-[0-9a-f]{32}$/),
      client_id_issued_at: clock.now() / 1000,
      client_name: "An editor",
      redirect_uris: [loopback, "https://client.example/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    });
    expect(await clients.find(String(body.client_id))).toEqual({
      ok: true,
      value: {
        id: body.client_id,
        kind: "registered",
        name: "An editor",
        domain: undefined,
        redirectUris: [loopback, "https://client.example/callback"],
      },
    });
  });

  it.each([
    ["the least", good],
    ["a name that nobody can see", { ...good, client_name: "\u200b \u202e" }],
  ])(verifies(cited, "says what holds where a client says %s"), async (_what, metadata) => {
    const { status, body } = await gatewayClients().register(metadata);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      client_name: "An application without a name",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    });
  });

  it.each([
    ["no redirect URI", {}, uriError],
    ["an empty list", { redirect_uris: [] }, uriError],
    ["too many", { redirect_uris: Array(21).fill(loopback) }, uriError],
    ["one as a text", { redirect_uris: loopback }, uriError],
    ["something else among them", { redirect_uris: [loopback, null] }, uriError],
    ["a script", { redirect_uris: [loopback, "javascript:/alert(1)"] }, uriError],
    ["dot segments", { redirect_uris: ["https://client.example/cb/%2e%2e/x"] }, uriError],
    ["a scheme that is not listed", { redirect_uris: ["vscode://host/cb"] }, uriError],
    ["a name that is none", { ...good, client_name: { en: "x" } }, metadataError],
    ["an endless name", { ...good, client_name: "n".repeat(201) }, metadataError],
    ["another grant alone", { ...good, grant_types: ["client_credentials"] }, metadataError],
    ["another response type alone", { ...good, response_types: ["token"] }, metadataError],
    ["a list", [good], metadataError],
    ["a text", "text", metadataError],
    ["nothing", undefined, metadataError],
  ])(verifies(cited, "refuses %s"), async (_what, metadata, error) => {
    const { register, memory, lines } = gatewayClients();
    const { status, headers, body } = await register(metadata);
    expect(status).toBe(400);
    expect(headers).toMatchObject({ "cache-control": "no-store" });
    expect(body).toEqual({ error, error_description: expect.stringMatching(/^\S.*\.$/) });
    expect(memory.documents()).toEqual([]);
    expect(lines).toMatchObject([
      { event: "audit.gateway-registration", fields: { outcome: "refused", reason: error } },
    ]);
  });

  it.each(["client_secret_basic", "client_secret_post", "private_key_jwt", "tls_client_auth", ""])(
    verifies("gateway-clients.registration.public", "refuses the authentication %j"),
    async (method) => {
      const { status, body } = await gatewayClients().register({
        ...good,
        token_endpoint_auth_method: method,
      });
      expect(status).toBe(400);
      expect(body.error).toBe(metadataError);
      expect(body.error_description).toContain("neither secrets nor private_key_jwt");
    },
  );

  it(verifies(cited, "repeats nothing that a client says of a URI that is refused"), async () => {
    const { register, lines } = gatewayClients();
    const { body } = await register({ redirect_uris: ["https://user:se_cret@client.example/"] });
    expect(JSON.stringify([body, lines])).not.toContain("se_cret");
  });

  it(verifies("gateway-clients.registration.audited", "is written down"), async () => {
    const { register, lines } = gatewayClients();
    const { body } = await register(good);
    expect(lines).toEqual([
      {
        event: "audit.gateway-registration",
        fields: {
          outcome: "success",
          clientId: body.client_id,
          durationMilliseconds: 0,
          correlationId: "invocation-1",
        },
      },
    ]);
  });

  it(verifies("gateway-clients.ids", "gives ids that are like no other client's"), async () => {
    const { registered } = gatewayClients();
    const ids = [await registered(), await registered(), await registered()];
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^dcr-[0-9a-f]{32}$/);
  });

  it(verifies(cited, "that the store fails can be tried again"), async () => {
    const { register, lines } = gatewayClients({
      before: answering(429),
    });
    const { status, headers, body } = await register(good);
    expect(status).toBe(503);
    expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    expect(body.error).toBe("temporarily_unavailable");
    expect(lines.at(-1)?.fields).toMatchObject({ outcome: "failed", reason: "store-throttled" });
  });
});

describe("the registered clients", () => {
  const cited = "gateway-clients.registration.bounded";

  it(verifies(cited, "are no more than there may be"), async () => {
    const { register, memory, lines } = gatewayClients({ most: 3 });
    for (let made = 0; made < 3; made++) expect((await register(good)).status).toBe(201);
    const { status, headers, body } = await register(good);
    expect(status).toBe(503);
    expect(headers["retry-after"]).toBe("3600");
    expect(body).toEqual({
      error: "temporarily_unavailable",
      error_description: expect.stringContaining("As many clients are registered here"),
    });
    expect(memory.documents()).toHaveLength(3);
    expect(lines.at(-1)?.fields).toMatchObject({ outcome: "refused", reason: "no-room" });
  });

  it(verifies(cited, "are 1,000 at most"), async () => {
    const { register, memory } = gatewayClients();
    expect((await register(good)).status).toBe(201);
    // The others by themselves: each registration counts those before it.
    const [first] = memory.documents();
    const { items } = memory.view().container;
    for (let made = 1; made < 999; made++) await items.create({ ...first, id: `client:${made}` });
    expect((await register(good)).status).toBe(201);
    expect((await register(good)).status).toBe(503);
  });

  it(verifies(cited, "are no more than there may be when many come at once"), async () => {
    const one = gatewayClients({ most: 5 });
    const other = gatewayClients({ most: 5, memory: one.memory });
    const asked = Array.from({ length: 20 }, (_, at) => (at % 2 ? one : other).register(good));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    // Each further instance may add one beyond it.
    expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(6);
    expect(one.memory.documents().length).toBeLessThanOrEqual(6);
  });

  it(verifies(cited, "make room once nobody has signed in with them for a day"), async () => {
    const { register, clients, clock } = gatewayClients({ most: 1 });
    const { body } = await register(good);
    clock.advance(day - 1);
    expect((await register(good)).status).toBe(503);
    clock.advance(1);
    expect((await register(good)).status).toBe(201);
    expect(await clients.find(String(body.client_id))).toEqual({
      ok: false,
      reason: { kind: "unknown-client" },
    });
  });
});
