import { createServer } from "node:http";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { accounts, adminGroupId } from "../../../local/directory.ts";
import { type Graph, startGraph } from "../../../local/graph/graph.ts";
import { type LoopbackServer, listenOnLoopback } from "../../../local/loopback.ts";
import { verifies } from "../../requirements.ts";
import { get as getRaw } from "../functions-host/client.ts";

const issuer = "https://sts.windows.net/7a3c1f58-94d2-4f0e-8b61-0d5e2c9b4a17/";
const audience = "https://graph.microsoft.com";
const now = Date.UTC(2026, 10, 20, 12);
const seconds = now / 1000;

const [admin, user] = accounts;
if (!admin || !user) throw new Error("The directory has no accounts");

const { privateKey, publicKey } = await generateKeyPair("RS256");
const { privateKey: anotherKey } = await generateKeyPair("RS256");

const nobody = "11111111-2222-3333-4444-555555555555";
const groups = "/v1.0/me/transitiveMemberOf/microsoft.graph.group";
const eventual = { ConsistencyLevel: "eventual" };

interface Token {
  objectId?: string;
  claims?: Record<string, unknown>;
  key?: CryptoKey;
}

function token({ objectId = user?.objectId, claims = {}, key = privateKey }: Token = {}) {
  return new SignJWT({
    iss: issuer,
    aud: audience,
    iat: seconds - 60,
    nbf: seconds - 60,
    exp: seconds + 3600,
    oid: objectId,
    scp: "User.Read",
    ...claims,
  })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: "the-key" })
    .sign(key);
}

describe("the local Graph", () => {
  let authority: LoopbackServer;
  let jwksUrl: string;
  let graph: Graph;

  beforeAll(async () => {
    const keys = [{ ...(await exportJWK(publicKey)), kid: "the-key", alg: "RS256", use: "sig" }];
    const server = createServer((_, response) => response.end(JSON.stringify({ keys })));
    authority = await listenOnLoopback(server, { part: "Test", port: 0 });
    jwksUrl = `http://127.0.0.1:${authority.port}/keys`;
  });
  afterAll(() => authority.close());

  beforeEach(async () => {
    graph = await startGraph({ port: 0, issuer, jwksUrl, accounts, now: () => now });
  });
  afterEach(() => graph.close());

  async function get(
    path: string,
    { method = "GET", headers = {}, ...of }: Token & { method?: string; headers?: object } = {},
  ) {
    const authorization = `Bearer ${await token(of)}`;
    return fetch(`${graph.url}${path}`, { method, headers: { authorization, ...headers } });
  }

  /** The status and the code of an error. */
  async function errorOf(response: Response): Promise<string> {
    const { error } = (await response.json()) as { error: { code: string } };
    return `${response.status} ${error.code}`;
  }

  function groupQuery(query: Record<string, string>): string {
    return `${groups}?${new URLSearchParams(query)}`;
  }

  describe("/me", () => {
    it(verifies("local.graph.profile", "is the token's person, as by default"), async () => {
      const response = await get("/v1.0/me", { objectId: user.objectId });

      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        "@odata.context": `${graph.url}/v1.0/$metadata#users/$entity`,
        businessPhones: [],
        displayName: "Uma First",
        givenName: "Uma",
        jobTitle: "Engineer",
        mail: "user1@contoso.example",
        mobilePhone: null,
        officeLocation: "20/1101",
        preferredLanguage: null,
        surname: "First",
        userPrincipalName: "user1@contoso.example",
        id: user.objectId,
      });
    });

    it(verifies("local.graph.profile", "has what $select asks for and nothing else"), async () => {
      const response = await get("/v1.0/me?$select=displayName,department");

      expect(await response.json()).toEqual({
        "@odata.context": `${graph.url}/v1.0/$metadata#users(displayName,department)/$entity`,
        displayName: "Uma First",
        department: "Research",
      });
    });

    it.each(["$select=shoeSize", "$select=", "$select=toString", "$expand=manager"])(
      "answers 400 to ?%s",
      async (query) => {
        expect(await errorOf(await get(`/v1.0/me?${query}`))).toBe("400 BadRequest");
      },
    );

    it("does not know a person who is not in the directory", async () => {
      const response = await get("/v1.0/me", { objectId: nobody });

      expect(await errorOf(response)).toBe("404 Request_ResourceNotFound");
    });
  });

  describe("transitive membership", () => {
    it.each([
      { who: "a member", account: admin, value: [{ id: adminGroupId }] },
      { who: "somebody else", account: user, value: [] },
    ])(verifies("local.graph.membership", "counts the group: $who"), async ({ account, value }) => {
      const path = groupQuery({
        $count: "true",
        $filter: `id eq '${adminGroupId}'`,
        $select: "id",
      });
      const response = await get(path, { objectId: account.objectId, headers: eventual });

      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        "@odata.context": `${graph.url}/v1.0/$metadata#groups(id)`,
        "@odata.count": value.length,
        value,
      });
    });

    it("does not count another group than the one asked for", async () => {
      const path = groupQuery({
        $count: "true",
        $filter: `id eq '${nobody}'`,
      });
      const response = await get(path, { objectId: admin.objectId, headers: eventual });

      expect(await response.json()).toMatchObject({ "@odata.count": 0, value: [] });
    });

    it.each([
      { what: "ConsistencyLevel", query: "$count=true", headers: {} },
      { what: "$count", query: "$count=false", headers: eventual },
    ])(verifies("local.graph.membership", "fails without $what"), async ({ query, headers }) => {
      const path = `${groups}?${query}&$filter=id eq '${adminGroupId}'`;
      const response = await get(path, { headers });

      expect(await errorOf(response)).toBe("400 Request_UnsupportedQuery");
    });

    it.each(["displayName eq 'x'", "id eq 'not-a-guid'", `id eq '${adminGroupId}' or true`])(
      "answers 400 to the filter %s",
      async ($filter) => {
        const response = await get(groupQuery({ $count: "true", $filter }), { headers: eventual });

        expect(response.status).toBe(400);
      },
    );
  });

  describe("token", () => {
    it(verifies("local.graph.token", "is asked for"), async () => {
      const response = await fetch(`${graph.url}/v1.0/me`, {
        headers: { "client-request-id": nobody },
      });

      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer /);
      expect(await response.json()).toEqual({
        error: {
          code: "InvalidAuthenticationToken",
          message: "Access token is empty.",
          innerError: {
            date: "2026-11-20T12:00:00",
            "request-id": response.headers.get("request-id"),
            "client-request-id": nobody,
          },
        },
      });
    });

    it.each([
      ["signed with another key", { key: anotherKey }],
      ["of another issuer", { claims: { iss: "https://sts.windows.net/another/" } }],
      ["for another audience", { claims: { aud: "api://mcp-local" } }],
      ["past its lifetime", { claims: { exp: seconds - 1 } }],
      ["before its lifetime", { claims: { nbf: seconds + 60 } }],
      ["without a lifetime", { claims: { exp: undefined } }],
      ["without a person", { claims: { oid: undefined } }],
      ["not a token", { headers: { authorization: "Bearer nonsense" } }],
    ])(verifies("local.graph.token", "is refused: %s"), async (_, of) => {
      expect(await errorOf(await get("/v1.0/me", of))).toBe("401 InvalidAuthenticationToken");
    });

    it.each([
      ["/v1.0/me", "GroupMember.Read.All"],
      [`${groups}?$count=true`, "Files.Read"],
      ["/v1.0/me", undefined],
    ])(verifies("local.graph.permission", "is missing: %s with only %s"), async (path, scp) => {
      const response = await get(path, { claims: { scp }, headers: eventual });

      expect(await errorOf(response)).toBe("403 Authorization_RequestDenied");
    });

    it("is not blamed when the authority's keys cannot be had", async () => {
      const lines: string[] = [];
      const alone = await startGraph({
        port: 0,
        issuer,
        jwksUrl: `${graph.url}/nothing-here`,
        accounts,
        now: () => now,
        log: (line) => lines.push(line),
      });
      const response = await fetch(`${alone.url}/v1.0/me`, {
        headers: { authorization: `Bearer ${await token()}` },
      });
      await alone.close();

      expect(response.status).toBe(503);
      expect(lines.join()).toContain(`${graph.url}/nothing-here`);
    });
  });

  it.each([
    ["GET", "/v1.0/users"],
    ["GET", "/beta/me"],
    ["GET", "/v1.0/toString"],
    ["POST", "/v1.0/me"],
  ])("serves nothing else: %s %s", async (method, path) => {
    expect(await errorOf(await get(path, { method }))).toBe("404 Request_ResourceNotFound");
  });

  describe("faults on demand", () => {
    function control(path: string, body: object, contentType = "application/json") {
      return fetch(`${graph.url}/_local/${path}`, {
        method: "POST",
        headers: { "content-type": contentType },
        body: JSON.stringify(body),
      });
    }

    it(verifies("local.graph.throttling", "throttles as many requests as asked"), async () => {
      await control("throttle", { count: 2, retryAfterSeconds: 7 });
      const responses = [await get("/v1.0/me"), await get("/v1.0/me"), await get("/v1.0/me")];

      expect(responses.map(({ status }) => status)).toEqual([429, 429, 200]);
      expect(responses.map(({ headers }) => headers.get("retry-after"))).toEqual(["7", "7", null]);
      expect(await responses[0]?.json()).toMatchObject({ error: { code: "TooManyRequests" } });
    });

    it(verifies("local.graph.throttling", "can be unavailable for an unknown time"), async () => {
      await control("throttle", { count: 1, status: 503 });
      const response = await get("/v1.0/me");

      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBeNull();
    });

    it(verifies("local.graph.challenge", "challenges the account named, once"), async () => {
      await control("challenge", { objectId: user.objectId });
      const capable = { claims: { xms_cc: ["cp1"] } };
      const other = await get("/v1.0/me", { objectId: admin.objectId, ...capable });
      const challenged = await get("/v1.0/me", capable);
      const again = await get("/v1.0/me", capable);

      expect([other, challenged, again].map(({ status }) => status)).toEqual([200, 401, 200]);
      const challenge = challenged.headers.get("www-authenticate") ?? "";
      expect(challenge).toMatch(/^Bearer .*error="insufficient_claims"/);
      const [, claims = ""] = /claims="([^"]+)"/.exec(challenge) ?? [];
      expect(JSON.parse(Buffer.from(claims, "base64").toString())).toEqual({
        access_token: { nbf: { essential: true, value: String(seconds) } },
      });
    });

    it(verifies("local.graph.challenge", "asks for the claims that it is given"), async () => {
      const claims = { access_token: { acrs: { essential: true, value: "c1" } } };
      await control("challenge", { objectId: user.objectId, claims });
      const response = await get("/v1.0/me", { claims: { xms_cc: "cp1" } });

      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toContain(
        `claims="${Buffer.from(JSON.stringify(claims)).toString("base64")}"`,
      );
    });

    it(verifies("local.graph.challenge", "spares a client that cannot handle it"), async () => {
      await control("challenge", { objectId: user.objectId });
      const response = await get("/v1.0/me");

      expect(response.status).toBe(200);
    });

    it.each([
      ["throttle", {}],
      ["throttle", { count: 0 }],
      ["throttle", { count: 1, status: 418 }],
      ["challenge", { objectId: "somebody" }],
    ])("says what is wrong with a demand: %s %j", async (path, body) => {
      const response = await control(path, body);

      expect(response.status).toBe(400);
      expect((await get("/v1.0/me")).status).toBe(200);
    });

    it("cannot be asked for by a form of a web page", async () => {
      const response = await control("throttle", { count: 1 }, "text/plain");

      expect(response.status).toBe(415);
      expect((await get("/v1.0/me")).status).toBe(200);
    });

    it("cannot be asked for with more than a request for a fault takes", async () => {
      const response = await control("throttle", { count: 1, padding: "x".repeat(300_000) });

      expect(response.status).toBe(413);
      expect((await get("/v1.0/me")).status).toBe(200);
    });

    it(verifies("local.graph.loopback", "cannot be asked for as another host"), async () => {
      const { status } = await getRaw(`${graph.url}/_local/throttle`, {
        method: "POST",
        rawHeaders: ["Host", "rebound.example", "Content-Type", "application/json"],
        body: JSON.stringify({ count: 1 }),
      });

      expect(status).toBe(421);
      expect((await get("/v1.0/me")).status).toBe(200);
    });
  });

  it(verifies("local.port-in-use", "names itself and a port that is in use"), async () => {
    const { port } = new URL(graph.url);
    const second = startGraph({ port: Number(port), issuer, jwksUrl, accounts });

    await expect(second).rejects.toThrow(`Graph: port ${port} is in use`);
  });

  it(verifies("local.close", "closes at once, and twice, with a connection open"), async () => {
    await get("/v1.0/me");
    await Promise.all([graph.close(), graph.close()]);

    await expect(fetch(graph.url)).rejects.toThrow();
  });
});
