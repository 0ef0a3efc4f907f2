import { describe, expect, it } from "vitest";
import { createMcpHttpEndpoint } from "../../src/http/mcp-endpoint.ts";
import { Caller } from "../../src/identity/caller.ts";
import type { TokenRejection } from "../../src/identity/token-rejection.ts";
import type { Invocation } from "../../src/invocation.ts";
import { failure, success } from "../../src/result.ts";
import type { LogFields } from "../../src/telemetry/log.ts";
import { verifies } from "../requirements.ts";

const resource = {
  url: "https://mcp.contoso.example/mcp",
  issuer: "https://login.example/tenant/v2.0",
  scope: "api://expenses/user_impersonation",
};
const metadata = "https://mcp.contoso.example/.well-known/oauth-protected-resource/mcp";
const caller = new Caller(
  {
    objectId: "aaaaaaaa-0000-4000-8000-000000000001",
    tenantId: "11111111-2222-3333-4444-555555555555",
    clientId: "bbbbbbbb-0000-4000-8000-000000000002",
    scopes: ["user_impersonation"],
    roles: [],
    handlesClaimsChallenges: false,
    expiresAt: 0,
  },
  "the-token",
);

/** The endpoint over a verifier that knows `good` and refuses all else for `rejection`. */
function setUp(rejection: TokenRejection = { kind: "bad-signature" }) {
  const lines: { event: string; fields: LogFields | undefined }[] = [];
  const served: string[] = [];
  const invocation: Invocation = {
    id: "invocation",
    log: (_level, event, fields) => lines.push({ event, fields }),
  };
  const endpoint = createMcpHttpEndpoint({
    allowed: { hosts: ["mcp.contoso.example"], origins: ["https://app.contoso.example"] },
    resource,
    tokenVerifier: {
      verify: async (token) => (token === "good" ? success(caller) : failure(rejection)),
    },
    serve: async (_request, served_) => {
      served.push(served_.objectId);
      return Response.json({ served: true });
    },
  });
  const send = (method: string, headers: Record<string, string> = {}) =>
    endpoint(
      new Request("https://server.invalid/mcp", {
        method,
        headers: { host: "mcp.contoso.example", ...headers },
      }),
      invocation,
    );
  return { send, lines, served };
}

const challengeOf = (response: Response) => response.headers.get("www-authenticate");

describe("credentials", () => {
  it(
    verifies("challenge.without-error", "are asked for without an error where none came"),
    async () => {
      const { send, lines, served } = setUp();
      const response = await send("POST");
      expect(response.status).toBe(401);
      expect(challengeOf(response)).toBe(
        `Bearer resource_metadata="${metadata}", scope="api://expenses/user_impersonation"`,
      );
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(lines).toEqual([
        { event: "token.rejected", fields: { reason: "missing-credentials" } },
      ]);
      expect(served).toEqual([]);
    },
  );

  it(
    verifies(
      "challenge.invalid-token",
      "that are not valid get the same plain challenge whatever is wrong with them",
    ),
    async () => {
      const rejections: TokenRejection[] = [
        { kind: "bad-signature" },
        { kind: "expired", secondsAgo: 99 },
        { kind: "wrong-issuer", got: "https://evil.example", expected: resource.issuer },
        { kind: "sender-constrained" },
      ];
      const answers = await Promise.all(
        rejections.map(async (rejection) => {
          const { send, lines } = setUp(rejection);
          const response = await send("POST", { authorization: "Bearer bad" });
          expect(response.status).toBe(401);
          expect(lines[0]?.fields).toMatchObject({ reason: rejection.kind });
          return { challenge: challengeOf(response), body: await response.text() };
        }),
      );
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(answers[0]?.challenge).toBe(
        `Bearer error="invalid_token", error_description="The access token is not valid for this server. Sign in again.", resource_metadata="${metadata}", scope="api://expenses/user_impersonation"`,
      );
    },
  );

  it(
    verifies(
      "challenge.insufficient-scope",
      "without the scope are answered 403 with the scope they need",
    ),
    async () => {
      for (const rejection of [
        { kind: "missing-scope", got: "openid", expected: "user_impersonation" },
        { kind: "no-delegated-scope", expected: "user_impersonation" },
        { kind: "app-only" },
      ] as const) {
        const response = await setUp(rejection).send("POST", { authorization: "Bearer bad" });
        expect(response.status).toBe(403);
        expect(challengeOf(response)).toContain('error="insufficient_scope"');
        expect(challengeOf(response)).toContain('scope="api://expenses/user_impersonation"');
      }
    },
  );

  it(
    verifies(
      "key-set.outage",
      "that cannot be checked are answered 503 with Retry-After and no challenge",
    ),
    async () => {
      const { send } = setUp({ kind: "key-set-unavailable", retryAfterSeconds: 7 });
      const response = await send("POST", { authorization: "Bearer some" });
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("7");
      expect(challengeOf(response)).toBeNull();
    },
  );

  it(
    verifies("bearer.header", "are read from one Bearer credential, its scheme in any case"),
    async () => {
      for (const authorization of [
        "Bearer good",
        "bearer good",
        "BEARER   good",
        " Bearer good ",
      ]) {
        expect((await setUp().send("POST", { authorization })).status).toBe(200);
      }
    },
  );

  it(verifies("bearer.header", "of another form are refused for their own reason"), async () => {
    const forms: Record<string, TokenRejection["kind"]> = {
      "Bearer good,Bearer good": "several-credentials",
      "Bearer good, Basic dXNlcg==": "several-credentials",
      "Basic dXNlcjpwYXNz": "unsupported-scheme",
      "DPoP good": "unsupported-scheme",
      good: "unsupported-scheme",
      Bearer: "malformed-credentials",
      "Bearer good good": "malformed-credentials",
      "Bearer go\u00f6d": "malformed-credentials",
      'Bearer "good"': "malformed-credentials",
    };
    for (const [authorization, reason] of Object.entries(forms)) {
      const { send, lines, served } = setUp();
      const response = await send("POST", { authorization });
      expect([response.status, lines[0]?.fields]).toEqual([401, { reason }]);
      expect(served).toEqual([]);
    }
  });
});

describe("methods", () => {
  it(
    verifies("http.methods", "other than POST are answered 405 at once, with or without a token"),
    async () => {
      for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        for (const headers of [
          {},
          { authorization: "Bearer good" },
          { authorization: "Bearer bad" },
        ]) {
          const response = await setUp().send(method, headers as Record<string, string>);
          expect([method, response.status]).toEqual([method, 405]);
          expect(response.headers.get("allow")).toBe("POST, OPTIONS");
        }
      }
    },
  );
});

describe("host and origin", () => {
  it(
    verifies("http.host", "a request under a foreign host name is refused before anything else"),
    async () => {
      for (const host of [
        "evil.example",
        "mcp.contoso.example.evil.example",
        "mcp.contoso.example:81",
      ]) {
        const { send, lines } = setUp();
        const response = await send("POST", { host, authorization: "Bearer good" });
        expect(response.status).toBe(403);
        expect(lines[0]).toEqual({
          event: "request.refused",
          fields: { reason: "foreign-host", got: host },
        });
      }
      expect(
        (await setUp().send("POST", { host: "MCP.contoso.example", authorization: "Bearer good" }))
          .status,
      ).toBe(200);
    },
  );

  it(
    verifies("http.origin", "a request from a foreign web page is refused, its preflight included"),
    async () => {
      for (const origin of ["https://evil.example", "null", "http://app.contoso.example"]) {
        const { send, served } = setUp();
        const response = await send("POST", { origin, authorization: "Bearer good" });
        expect(response.status).toBe(403);
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
        expect(
          (await send("OPTIONS", { origin, "access-control-request-method": "POST" })).status,
        ).toBe(403);
        expect(served).toEqual([]);
      }
    },
  );

  it(
    verifies(
      "http.cors",
      "a preflight from an allowed page needs no token and names what may be sent",
    ),
    async () => {
      const response = await setUp().send("OPTIONS", {
        origin: "https://app.contoso.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, mcp-param-city, x-evil",
      });
      expect(response.status).toBe(204);
      expect(response.headers.get("access-control-allow-origin")).toBe(
        "https://app.contoso.example",
      );
      expect(response.headers.get("access-control-allow-methods")).toBe("POST");
      const allowed = response.headers.get("access-control-allow-headers")?.split(", ") ?? [];
      expect(allowed).toEqual(
        expect.arrayContaining([
          "Authorization",
          "MCP-Protocol-Version",
          "Mcp-Method",
          "mcp-param-city",
        ]),
      );
      expect(allowed).not.toContain("x-evil");
    },
  );

  it(
    verifies("http.cors", "an allowed page may read the answer, and where to sign in"),
    async () => {
      const response = await setUp().send("POST", { origin: "https://app.contoso.example" });
      expect(response.status).toBe(401);
      expect(response.headers.get("access-control-allow-origin")).toBe(
        "https://app.contoso.example",
      );
      expect(response.headers.get("access-control-expose-headers")).toContain("WWW-Authenticate");
      expect(response.headers.get("vary")).toContain("Origin");
      expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    },
  );
});
