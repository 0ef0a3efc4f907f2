import { expect } from "vitest";
import { type DocumentHost, goodDocument, startDocumentHost } from "../../support/document-host.ts";
import type { ComposedGateway, composeGateway } from "../composed-gateway.ts";
import type { Attack } from "./attack.ts";
import { Browser, type Page } from "./browser.ts";
import { Client, register } from "./client.ts";

const threat = "gateway-attacks.private-network";
const impersonation = "gateway-attacks.impersonation";
const addresses = "src/core/address.ts";
const fetching = "src/core/client-documents/fetch.ts";
const redirectUri = "http://127.0.0.1:33418/callback";

/** The page that a link with this client's id leads to. */
function pageFor(gateway: ComposedGateway, id: string): Promise<Page> {
  return new Browser(gateway).open(new Client(gateway, id, redirectUri).authorizeUrl());
}

/** Asks for documents at these addresses, and tells which of them the server would have asked. */
async function asked(gateway: ComposedGateway, hosts: readonly string[]): Promise<string[]> {
  for (const host of hosts) {
    const page = await pageFor(gateway, `https://${host}/client.json`);
    expect([page.status, page.next]).toEqual([400, undefined]);
  }
  return gateway.documentAddresses;
}

const hidden = (name: string, source: string, code: string, hosts: readonly string[]): Attack => ({
  threat,
  name: `a document ${name}`,
  source,
  guard: { file: addresses, code, without: "" },
  async run(gateway) {
    // Written otherwise, they are refused for that.
    for (const host of hosts) expect(new URL(`https://${host}`).host).toBe(host);
    expect(await asked(gateway, hosts)).toEqual([]);
    expect(await asked(gateway, ["[2606:4700::1111]"])).toEqual(["2606:4700::1111"]);
  },
});

/** With a host on this machine, until the attack is over. */
function withHost(
  run: (host: DocumentHost, compose: typeof composeGateway) => Promise<void>,
): Attack["run"] {
  return async (_gateway, compose) => {
    const host = await startDocumentHost();
    try {
      await run(host, compose);
    } finally {
      await host.close();
    }
  };
}

export const documentAttacks: readonly Attack[] = [
  hidden("on the server's own machine", "RFC 9700 section 4.11; OWASP SSRF", '["127.0.0.0", 8],', [
    "127.0.0.1",
    "127.8.8.8",
    "localhost",
    "[::ffff:7f00:1]",
  ]),
  hidden(
    "at the platform's metadata service",
    "CVE-2019-5418, CVE-2021-27905 and their like",
    '["169.254.0.0", 16],',
    ["169.254.169.254", "[::ffff:a9fe:a9fe]"],
  ),
  hidden(
    "at the platform's own address",
    "https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16",
    '["168.63.129.16", 32],',
    ["168.63.129.16"],
  ),
  hidden("in a private network", "RFC 1918 section 3", '["10.0.0.0", 8],', ["10.0.0.4"]),
  hidden(
    "in a private network, by NAT64",
    "jlowin/fastmcp#4400; RFC 6052 section 2",
    "list.addSubnet(`64:ff9b::$".concat('{network}`, 96 + prefix, "ipv6");'),
    ["[64:ff9b::a00:4]", "[64:ff9b::7f00:1]"],
  ),
  hidden(
    "in a private network, by 6to4",
    "jlowin/fastmcp#4426; RFC 3056 section 2",
    "list.addSubnet(`2002:$".concat("{first}:$", '{second}::`, 16 + prefix, "ipv6");'),
    ["[2002:a00:4::1]", "[2002:7f00:1::]"],
  ),
  hidden(
    "at an address of the link",
    "jlowin/fastmcp#4426; RFC 4291 section 2.5.6",
    '["fe80::", 9],',
    ["[fe80::1]"],
  ),
  {
    threat,
    name: "a document in a private network, by ISATAP",
    source: "RFC 5214 section 6.1",
    guard: {
      file: addresses,
      code: "return tunnel === undefined ? depth :",
      without: "return tunnel !== null ? depth :",
    },
    async run(gateway) {
      expect(await asked(gateway, ["[2606:4700::5efe:a00:4]"])).toEqual([]);
    },
  },
  {
    threat,
    name: "a name that leads inside",
    source: "RFC 9700 section 4.11; OWASP SSRF",
    guard: {
      file: "src/core/client-documents/network.ts",
      code: "allows: (address) => depthOf(address) === 0,",
      without: "allows: () => true || depthOf,",
    },
    async run(gateway) {
      gateway.documentHosts.set("intranet.example", ["10.0.0.4", "fd00::4"]);
      expect(await asked(gateway, ["intranet.example"])).toEqual([]);
    },
  },
  {
    threat,
    name: "a name with a public address and one inside",
    source:
      "OWASP SSRF; https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/",
    guard: {
      file: fetching,
      code: "if (!addresses.every(isAsked))",
      without: "if (!addresses.some(isAsked))",
    },
    run: withHost(async (host, compose) => {
      const gateway = await compose({
        adapters: {
          documentNetwork: {
            ...host.network,
            // Nothing listens at what stands for a public address here.
            resolve: async () => ["127.0.0.9", "127.0.0.1"],
            allows: (address) => address === "127.0.0.9",
          },
        },
      });
      expect((await pageFor(gateway, host.publish("/c"))).status).toBe(400);
      expect(host.connections()).toBe(0);
    }),
  },
  {
    threat,
    name: "a name that changes its mind (DNS rebinding)",
    source: "OWASP SSRF; RFC 9700 section 4.11",
    guard: { file: fetching, code: "lookup: pinnedTo(addresses),", without: "" },
    run: withHost(async (host, compose) => {
      const gateway = await compose({
        adapters: {
          documentNetwork: {
            ...host.network,
            resolve: async () => ["127.0.0.9"],
            allows: (address) => address === "127.0.0.9",
          },
        },
      });
      const { port } = new URL(host.origin);
      // By now, the name leads to where nothing may be asked.
      expect((await pageFor(gateway, `https://localhost:${port}/c`)).status).toBe(503);
      expect(host.connections()).toBe(0);
    }),
  },
  {
    threat,
    name: "a document that does not end",
    source: "https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/",
    guard: {
      file: fetching,
      code: "readBounded(answer, largestDocument)",
      without: "readBounded(answer, 1e9)",
    },
    run: withHost(async (host, compose) => {
      const { network: documentNetwork } = host;
      const gateway = await compose({ adapters: { documentNetwork } });
      const large = host.publish("/large", { padding: "x".repeat(100_000) });
      expect((await pageFor(gateway, host.publish("/small"))).status).toBe(200);
      expect((await pageFor(gateway, large)).status).toBe(400);
    }),
  },
  {
    threat: impersonation,
    name: "a document that its host says is not there, on a page that anybody can fill",
    source: "https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/",
    guard: {
      file: fetching,
      code: 'if (got !== 200) return failure({ kind: "status", got });',
      without: "",
    },
    run: withHost(async (host, compose) => {
      const { network: documentNetwork } = host;
      const gateway = await compose({ adapters: { documentNetwork } });
      const id = host.publish("/c", (_request, response) => {
        response.writeHead(404, { "Content-Type": "application/json" });
        response.end(JSON.stringify(goodDocument(id)));
      });
      expect((await pageFor(gateway, id)).status).toBe(400);
    }),
  },
  {
    threat: impersonation,
    name: "a document that says it is another client's",
    source: "https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/",
    guard: {
      file: "src/core/client-documents/document.ts",
      code: 'if (client_id !== url) return failure({ kind: "other-client-id" });',
      without: "",
    },
    run: withHost(async (host, compose) => {
      const { network: documentNetwork } = host;
      const gateway = await compose({ adapters: { documentNetwork } });
      const posing = host.publish("/c", { client_id: "https://claude.ai/oauth/client.json" });
      expect((await pageFor(gateway, posing)).status).toBe(400);
    }),
  },
  {
    threat: impersonation,
    name: "a client that takes another name between the question and the answer",
    source: "RFC 9700 section 4.7.1, of what was shown",
    guard: {
      file: "src/gateway/authorize/consent-form.ts",
      code: "[parametersOf(request), kind, name, domain ?? null]",
      without: "[parametersOf(request), kind, name && domain]",
    },
    run: withHost(async (host, compose) => {
      const { network: documentNetwork } = host;
      const gateway = await compose({ adapters: { documentNetwork } });
      const id = host.publish("/c");
      const browser = new Browser(gateway);
      const shown = await browser.open(new Client(gateway, id, redirectUri).authorizeUrl());
      host.publish("/c", { client_name: "Microsoft" });
      gateway.clock.advance(11 * 60_000);
      const sent = await browser.send(shown, { decision: "allow" });
      expect([sent.status, sent.next]).toEqual([400, undefined]);
    }),
  },
  {
    threat: impersonation,
    name: "a host whose name ends like one that is allowed",
    source: "RFC 9700 section 4.1.1, of patterns that match too much",
    guard: {
      file: "src/gateway/clients/clients.ts",
      code: 'domain.startsWith(".") ? hostname.endsWith(domain) : hostname === domain,',
      without: "hostname.includes(domain),",
    },
    async run(_gateway, compose) {
      const environment = { GATEWAY_CLIENT_DOMAINS: "client.example" };
      const gateway = await compose({ environment });
      const posing = ["evilclient.example", "client.example.evil.example", "www.client.example"];
      for (const host of [...posing, "client.example"]) {
        gateway.documentHosts.set(host, ["2606:4700::1111"]);
      }
      expect(await asked(gateway, posing)).toEqual([]);
      expect(await asked(gateway, ["client.example"])).toHaveLength(1);
    },
  },
  {
    threat: impersonation,
    name: "another way to write a client's id",
    source:
      "RFC 3986 section 6.2; https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/",
    guard: {
      file: "src/core/client-documents/url.ts",
      code: "if (url.href !== clientId) {",
      without: "if (false) {",
    },
    async run(gateway) {
      for (const host of ["client.example", "CLIENT.example"]) {
        gateway.documentHosts.set(host, ["2606:4700::1111"]);
      }
      expect(
        await asked(gateway, ["CLIENT.example", "client.example:443", "client.example/."]),
      ).toEqual([]);
    },
  },
  {
    threat: impersonation,
    name: "a client that chooses its own id",
    source: "RFC 7591 section 5",
    guard: {
      file: "src/gateway/clients/registration.ts",
      code: "const clientId = newRegisteredId(randomBytes);",
      without:
        "const clientId = isObject(request.json) && request.json.client_id ? String(request.json.client_id) : newRegisteredId(randomBytes);",
    },
    async run(gateway) {
      const client_id = `dcr-${"0".repeat(32)}`;
      const { body } = await register(gateway, { client_id });
      expect(body.client_id).toMatch(/^dcr-[0-9a-f]{32}$/);
      expect(body.client_id).not.toBe(client_id);
    },
  },
  {
    threat: impersonation,
    name: "a client that calls itself by the name of somebody known",
    source: "RFC 7591 section 5; arXiv 2605.22333",
    guard: {
      file: "src/gateway/authorize/consent-page.ts",
      code: "<strong>Nobody vouches for it.</strong>",
      without: "",
    },
    async run(gateway) {
      const client = await Client.registered(gateway, undefined, "Microsoft");
      const page = await new Browser(gateway).open(client.authorizeUrl());
      expect(page.text).toContain("Nobody vouches for it.");
    },
  },
  {
    threat: impersonation,
    name: "a program on the person's machine that waits for somebody else's code",
    source: "RFC 8252 section 8.6; CVE-2025-6514",
    guard: {
      file: "src/gateway/authorize/consent-page.ts",
      code: "warning === undefined ? undefined :",
      without: "warning !== null ? undefined :",
    },
    async run(gateway) {
      const client = await Client.registered(gateway, "http://localhost/callback");
      const page = await new Browser(gateway).open(client.authorizeUrl());
      expect(page.text).toContain("Any program on this computer can listen there.");
    },
  },
];
