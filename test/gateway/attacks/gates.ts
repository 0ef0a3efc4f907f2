import { expect } from "vitest";
import { host } from "../../support/composed.ts";
import { gatewayClientId, issuer } from "../composed-gateway.ts";
import type { Attack } from "./attack.ts";
import { Browser } from "./browser.ts";
import { Client, callback, register } from "./client.ts";

const threat = "gateway-attacks.gates";
const foreign = "mcp.contoso.example.evil.example";

export const gateAttacks: readonly Attack[] = [
  {
    threat,
    name: "a name of the attacker's that leads to the server (DNS rebinding)",
    source:
      "https://modelcontextprotocol.io/specification/2025-11-25/basic/transports, of DNS rebinding",
    guard: {
      file: "src/gates/host-and-origin.ts",
      code: "return host ? { adds: { host } } :",
      without: "const [any] = hosts;\n      return host || any ? { adds: { host: host ?? any } } :",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const url = client.authorizeUrl();
      url.host = foreign;
      const page = await new Browser(gateway).open(url, { "x-forwarded-host": host });
      expect(page.status).toBe(403);
      const metadata = await gateway.fetch(
        `https://${foreign}/.well-known/oauth-authorization-server/gateway`,
      );
      expect(metadata.status).toBe(403);
    },
  },
  {
    threat,
    name: "a page of the gateway at another of the server's own hosts",
    source:
      "https://datatracker.ietf.org/doc/draft-ietf-httpbis-rfc6265bis/, of cookies and their hosts",
    guard: {
      file: "src/app.ts",
      code: "hosts: config.hosts.filter(({ resource: url }) => url === config.publicUrl),",
      without: "hosts: config.hosts,",
    },
    async run(_gateway, compose) {
      const gateway = await compose({
        environment: { ALLOWED_HOSTS: "api.contoso.example", AZURE_CLIENT_ID: gatewayClientId },
      });
      const client = await Client.registered(gateway);
      const url = client.authorizeUrl();
      expect((await gateway.fetch(url)).status).toBe(200);
      url.host = "api.contoso.example";
      expect((await gateway.fetch(url)).status).toBe(403);
    },
  },
  {
    threat,
    name: "headers in the query, in place of the request's own",
    source: "https://github.com/Azure/azure-functions-host, of query parameters as binding data",
    guard: {
      file: "src/gates/headers.ts",
      code: 'return hasMemberNamedHeaders(members) ? { refused: { kind: "headers-overridden" } } : undefined;',
      without: "return members ? undefined : undefined;",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const headers = JSON.stringify({ host: foreign });
      const page = await new Browser(gateway).open(client.authorizeUrl({ headers }));
      expect(page.status).toBe(400);
    },
  },
  {
    threat,
    name: "headers in a JSON body, in place of the request's own",
    source: "https://github.com/Azure/azure-functions-host, of body members as binding data",
    guard: {
      file: "src/gateway/http/body.ts",
      code: 'if (hasMemberNamedHeaders(body.json)) return { refused: { kind: "headers-overridden" } };',
      without: "",
    },
    async run(gateway) {
      const headers = { "x-forwarded-for": "198.51.100.7" };
      expect((await register(gateway, { headers })).status).toBe(400);
    },
  },
  {
    threat,
    name: "a foreign page that reads the consent form",
    source: "https://fetch.spec.whatwg.org/#http-cors-protocol",
    guard: {
      file: "src/gateway/pages/page.ts",
      code: '"x-content-type-options": "nosniff",',
      without: '"access-control-allow-origin": "*",',
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const headers = { origin: "https://evil.example" };
      for (const url of [client.authorizeUrl(), `${issuer}/callback`]) {
        const page = await new Browser(gateway).open(url, headers);
        expect(page.headers.get("access-control-allow-origin")).toBeNull();
      }
      const keys = await gateway.fetch(`${issuer}/jwks`, { headers });
      expect(keys.headers.get("access-control-allow-origin")).toBe("*");
    },
  },
  {
    threat,
    name: "a request for tokens whose code stands in the address",
    source: "RFC 6749 section 3.2; RFC 9700 section 4.3",
    guard: {
      file: "src/gates/public-endpoint.ts",
      code: 'if (!methods.split(", ").includes(method)) return wholeResponse(wrongMethod);',
      without: "void wrongMethod;",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const code = await client.code();
      const fields = { grant_type: "authorization_code", code, client_id: client.id };
      const answer = await gateway.fetch(`${issuer}/token?${new URLSearchParams(fields)}`);
      expect(answer.status).toBe(405);
      expect(await client.redeem(code)).toMatchObject({ status: 200 });
    },
  },
  {
    threat,
    name: "a body that says it is something else, as any page may post it",
    source: "https://fetch.spec.whatwg.org/#cors-safelisted-request-header",
    guard: {
      file: "src/gateway/http/body.ts",
      code: "if (bytes.value.length > 0 && !isOfType(request, type)) {",
      without: "if (false) {",
    },
    async run(gateway) {
      const metadata = { client_name: "Posted by a page", redirect_uris: [callback] };
      const answer = await gateway.fetch(`${issuer}/register`, {
        method: "POST",
        headers: { "content-type": "text/plain" },
        body: JSON.stringify(metadata),
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(await register(gateway, metadata)).toMatchObject({ status: 201 });
    },
  },
  {
    threat,
    name: "an address that breaks out of the header that it stands in",
    source: "RFC 9110 section 17.12, of header injection",
    guard: {
      file: "src/gateway/http/parameters.ts",
      code: "value.length > maximumLength || controlCharacter.test(value)",
      without: "value.length > maximumLength",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      for (const state of ["x\r\nset-cookie: a=b", "x\u0000", "x\u0085y"]) {
        const page = await new Browser(gateway).open(client.authorizeUrl({ state }));
        expect([page.status, page.next]).toEqual([400, undefined]);
      }
      const redirect_uri = `${callback}\r\n`;
      const page = await new Browser(gateway).open(client.authorizeUrl({ redirect_uri }));
      expect(page.status).toBe(400);
    },
  },
];
