import { expect } from "vitest";
import { issuer } from "../composed-gateway.ts";
import type { Attack } from "./attack.ts";
import { Browser } from "./browser.ts";
import { Client, callback, register } from "./client.ts";

const threat = "gateway-attacks.redirect-uri";
const request = "src/gateway/authorize/authorization-request.ts";
const judge = "src/gateway/clients/redirect-uri.ts";

/** Registration answers so to a redirect URI that it does not take. */
const refusedUri = { status: 400, body: { error: "invalid_redirect_uri" } };

export const redirectUriAttacks: readonly Attack[] = [
  {
    threat,
    name: "a code for an address that the client has not registered",
    source: "CVE-2025-4143",
    // What was asked for is looked at once more when the browser comes back.
    guard: [
      {
        file: request,
        code: "if (matchedRedirectUri(client.value, redirectUri) === undefined) {",
        without: "if (false) {",
      },
      {
        file: "src/gateway/authorize/callback.ts",
        code: "matchedRedirectUri(client.value, redirectUri) !== undefined",
        without: "true",
      },
    ],
    async run(gateway) {
      const client = await Client.registered(gateway);
      const evil = client.authorizeUrl({ redirect_uri: "https://evil.example/callback" });
      expect(await new Browser(gateway).goThrough(evil)).toBeUndefined();
      const honest = await new Browser(gateway).goThrough(client.authorizeUrl());
      expect(honest?.href).toMatch(/^https:\/\/client\.example\/callback\?code=/);
    },
  },
  {
    threat,
    name: "a way out of the registered path by dot segments",
    source: "jlowin/fastmcp#3963; RFC 9700 section 4.1.3",
    guard: {
      file: judge,
      code: "registered === asked || isSameButForPort",
      without: "asked.startsWith(registered) || isSameButForPort",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      for (const more of ["/../../open-redirect", "/%2e%2e/x", "?next=https://evil.example"]) {
        const url = client.authorizeUrl({ redirect_uri: `${callback}${more}` });
        expect(await new Browser(gateway).goThrough(url)).toBeUndefined();
      }
    },
  },
  {
    threat,
    name: "another host behind what looks like a loopback port",
    source: "RFC 8252 section 7.3",
    guard: {
      file: judge,
      code: "return host !== undefined && host === askedHost && rest === askedRest && Number(port) <= 65_535;",
      without: 'return host !== undefined && asked.startsWith(host) && asked.endsWith(rest ?? "");',
    },
    async run(gateway) {
      const client = await Client.registered(gateway, "http://127.0.0.1/callback");
      const leadsTo = (uri: string) =>
        new Browser(gateway).goThrough(client.authorizeUrl({ redirect_uri: uri }));
      expect((await leadsTo("http://127.0.0.1:50123/callback"))?.port).toBe("50123");
      expect(await leadsTo("http://127.0.0.1.evil.example/callback")).toBeUndefined();
      expect(await leadsTo("http://127.0.0.1:80@evil.example/callback")).toBeUndefined();
    },
  },
  {
    threat,
    name: "dot segments that only a client's server resolves",
    source: "jlowin/fastmcp#3963",
    guard: {
      file: judge,
      code: "if (dotSegment.test(pathname))",
      without: "if (false)",
    },
    async run(gateway) {
      const hidden = "https://client.example/callback%2f..%2fopen-redirect";
      expect(await register(gateway, { redirect_uris: [hidden] })).toMatchObject(refusedUri);
    },
  },
  {
    threat,
    name: "a redirect URI whose fragment swallows the answer",
    source: "RFC 6749 section 3.1.2",
    guard: {
      file: "src/core/redirect-uri.ts",
      code: 'if (uri.includes("#"))',
      without: "if (false)",
    },
    async run(gateway) {
      const uri = `${callback}#fragment`;
      expect(await register(gateway, { redirect_uris: [uri] })).toMatchObject(refusedUri);
    },
  },
  {
    threat,
    name: "a host that hides behind a user name",
    source: "RFC 9700 section 4.1",
    guard: {
      file: "src/core/redirect-uri.ts",
      code: "if (url.username || url.password)",
      without: "if (false)",
    },
    async run(gateway) {
      const uri = "https://client.example@evil.example/callback";
      expect(await register(gateway, { redirect_uris: [uri] })).toMatchObject(refusedUri);
    },
  },
  {
    threat,
    name: "a code in the clear, to another machine",
    source: "RFC 8252 section 8.3",
    guard: {
      file: "src/core/redirect-uri.ts",
      code: "return loopbackRedirectHosts.has(url.hostname)",
      without: "return true",
    },
    async run(gateway) {
      for (const uri of ["http://client.example/callback", "http://localhost.evil.example/"]) {
        expect(await register(gateway, { redirect_uris: [uri] })).toMatchObject(refusedUri);
      }
    },
  },
  {
    threat,
    name: "an open redirect by a request that is refused",
    source: "RFC 6749 section 4.1.2.1; RFC 9700 section 4.11.2",
    guard: {
      file: "src/gateway/authorize/authorize.ts",
      code: "if (!judged.ok) return refuse(judged.reason, request);\n  const form = await openForm",
      without:
        'if (!judged.ok) return goingOnPage((request.query.ok && request.query.value.get("redirect_uri")) || "", "");\n  const form = await openForm',
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const evil = "https://evil.example/";
      for (const changes of [
        { redirect_uri: evil },
        { redirect_uri: evil, client_id: "nobody" },
        { redirect_uri: evil, prompt: "none" },
        { scope: "everything" },
        { response_type: "token" },
      ]) {
        const page = await new Browser(gateway).open(client.authorizeUrl(changes));
        expect([page.status, page.next]).toEqual([400, undefined]);
        expect(page.text).not.toContain("evil.example");
      }
    },
  },
  {
    threat: "gateway-attacks.scheme",
    name: "a redirect URI that is a script, or that a system acts on",
    source: "cloudflare/workers-oauth-provider#97; jlowin/fastmcp#4419",
    // No setting can name them either.
    guard: [
      {
        file: "src/core/redirect-uri.ts",
        code: "if (reservedSchemes.has(scheme))",
        without: "if (false)",
      },
      { file: judge, code: "if (dangerousSchemes.has(scheme))", without: "if (false)" },
      { file: judge, code: "if (!allowed.has(scheme))", without: "if (false)" },
    ],
    async run(gateway) {
      for (const uri of [
        "javascript:/callback/;alert(1)",
        "data:/text/html,x",
        "ms-msdt:/id",
        "search-ms:/query",
        "file:/C:/x",
      ]) {
        expect(await register(gateway, { redirect_uris: [uri] })).toMatchObject(refusedUri);
      }
    },
  },
  {
    threat: "gateway-attacks.scheme",
    name: "an application's scheme that the settings do not name",
    source: "RFC 8252 section 8.4",
    guard: { file: judge, code: "if (!allowed.has(scheme))", without: "if (false)" },
    async run(gateway, compose) {
      const metadata = { redirect_uris: ["editor://host/callback"] };
      expect(await register(gateway, metadata)).toMatchObject(refusedUri);
      const open = await compose({ environment: { GATEWAY_REDIRECT_SCHEMES: "editor" } });
      expect(await register(open, metadata)).toMatchObject({ status: 201 });
    },
  },
  {
    threat: "gateway-attacks.gates",
    name: "a parameter twice, of which each side reads another",
    source: "RFC 6749 section 3.1",
    guard: {
      file: "src/gateway/http/parameters.ts",
      code: 'if (names.has(name)) return failure({ kind: "repeated", name });',
      without: "",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const url = client.authorizeUrl();
      expect((await new Browser(gateway).open(`${url}&state=another`)).status).toBe(400);
      const twice = await gateway.fetch(`${issuer}/token`, {
        method: "POST",
        body: new URLSearchParams([
          ...Object.entries({ grant_type: "refresh_token", client_id: client.id }),
          ...[["refresh_token", "one"] as const, ["refresh_token", "other"] as const],
        ] as [string, string][]),
      });
      expect(await twice.json()).toMatchObject({ error: "invalid_request" });
    },
  },
];
