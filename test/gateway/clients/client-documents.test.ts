import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { projectFolder } from "../../../local/paths.ts";
import { publicNetwork } from "../../../src/core/client-documents/network.ts";
import { verifies } from "../../requirements.ts";
import { type DocumentHost, startDocumentHost } from "../../support/document-host.ts";
import { gatewayClients } from "./support.ts";

let host: DocumentHost;
beforeEach(async () => {
  host = await startDocumentHost();
});
afterEach(() => host.close());

const kindOf = async (found: ReturnType<ReturnType<typeof gatewayClients>["clients"]["find"]>) => {
  const outcome = await found;
  if (outcome.ok) return "found";
  return outcome.reason.kind === "client-document"
    ? outcome.reason.problem.kind
    : outcome.reason.kind;
};

describe("a client with a document", () => {
  it(verifies("gateway-clients.document", "is what its document says"), async () => {
    const { clients, calls } = gatewayClients({ network: host.network });
    const id = host.publish("/client.json", {
      client_name: "<b>An agent</b>\u202e",
      redirect_uris: ["http://localhost/callback", "https://client.example/callback"],
    });
    expect(await clients.find(id)).toEqual({
      ok: true,
      value: {
        id,
        kind: "document",
        name: "<b>An agent</b>",
        domain: new URL(host.origin).host,
        redirectUris: ["http://localhost/callback", "https://client.example/callback"],
      },
    });
    expect(calls).toEqual([]);
  });

  it.each([
    [
      "a redirect URI with dot segments",
      { redirect_uris: ["https://a.example/x/%2e%2e/"] },
      "member",
    ],
    ["a scheme that is not listed", { redirect_uris: ["cursor://host/cb"] }, "member"],
    ["another client's id", { client_id: "https://other.example/client.json" }, "other-client-id"],
    ["a secret", { client_secret: "secret" }, "secret"],
    ["a key", { token_endpoint_auth_method: "private_key_jwt" }, "member"],
  ])(verifies("gateway-clients.document", "is refused with %s"), async (_what, served, kind) => {
    const { clients } = gatewayClients({ network: host.network });
    expect(await kindOf(clients.find(host.publish("/c", served)))).toBe(kind);
  });

  it.each([
    ["http", "http://client.example/c"],
    ["a user name", "https://user@client.example/c"],
    ["a query", "https://client.example/c?x"],
    ["a fragment", "https://client.example/c#x"],
    ["no path", "https://client.example/"],
    ["dot segments", "https://client.example/x/../c"],
    ["a host in capitals", "https://CLIENT.example/c"],
    ["a blank before it", " https://client.example/c"],
  ])(verifies("gateway-clients.document", "is refused by an id with %s"), async (_what, id) => {
    const { clients } = gatewayClients({ network: host.network });
    expect(await kindOf(clients.find(id))).toBe("url");
    expect(host.connections()).toBe(0);
  });
});

describe("the domains of documents", () => {
  const cited = "gateway-clients.domains";
  const findWith = async (clientDomains: readonly string[], id: string) =>
    kindOf(gatewayClients({ network: host.network, settings: { clientDomains } }).clients.find(id));

  it.each([
    ["the host itself", ["other.example", "client.example"]],
    ["all below", [".example"]],
    ["none at all", []],
  ])(verifies(cited, "let a host in by %s"), async (_what, domains) => {
    expect(await findWith(domains, host.publish("/c"))).toBe("found");
  });

  it.each([
    ["another host", ["other.example"]],
    ["the end of a name", ["ient.example"]],
    ["all below the host", [".client.example"]],
    ["a host below", ["www.client.example"]],
    ["the beginning of a name", ["client.example.com"]],
  ])(verifies(cited, "keep a host out by %s, and ask it nothing"), async (_what, domains) => {
    expect(await findWith(domains, host.publish("/c"))).toBe("client-not-allowed");
    expect(host.connections()).toBe(0);
  });

  it.each([
    ["a longer name", "https://client.example.evil.example/c"],
    ["a name with the host before it", "https://evilclient.example/c"],
    ["the name with a dot at its end", "https://client.example./c"],
    ["the host as a user name", "https://client.example@evil.example/c"],
    ["the host as a path", "https://evil.example/client.example"],
  ])(verifies(cited, "do not take %s for the host"), async (_what, id) => {
    expect(await findWith(["client.example"], id)).not.toBe("found");
    expect(host.connections()).toBe(0);
  });
});

describe("a flood of client ids", () => {
  it(verifies("gateway-clients.lanes", "keeps out no client that is in use"), async () => {
    const { clients } = gatewayClients({ network: host.network });
    const outcomes: string[] = [];
    for (let id = 0; id < 30; id++) {
      outcomes.push(await kindOf(clients.find(host.publish(`/${id}`))));
    }
    expect(outcomes).toEqual([...Array(20).fill("found"), ...Array(10).fill("busy")]);
    const known = host.publish("/known");
    await clients.inUse(known);
    expect(await kindOf(clients.find(known))).toBe("found");
    expect(host.requests).toHaveLength(21);
  });

  it(verifies("gateway-clients.lanes", "takes no more memory than there is for it"), async () => {
    const { clients } = gatewayClients({ network: host.network });
    const [first, last] = [host.publish("/first"), host.publish("/last")];
    await clients.inUse(first);
    for (let id = 0; id < 1_000; id++) await clients.inUse(`${host.origin}/used/${id}`);
    await clients.inUse(last);
    for (let id = 0; id < 20; id++) await clients.find(host.publish(`/${id}`));
    expect(await kindOf(clients.find(last))).toBe("found");
    expect(await kindOf(clients.find(first))).toBe("busy");
  });
});

describe("the gateway as it is outside tests", () => {
  const cited = "gateway-clients.public-network";

  it(verifies(cited, "asks nothing on this machine"), async () => {
    const { clients } = gatewayClients();
    const { port } = new URL(host.origin);
    for (const name of [
      "localhost",
      "127.0.0.1",
      "[::1]",
      "[::ffff:7f00:1]",
      "[64:ff9b::7f00:1]",
    ]) {
      expect(await kindOf(clients.find(`https://${name}:${port}/c`)), name).toBe("address");
    }
    expect(host.connections()).toBe(0);
  });

  it.each([
    ["private", "10.0.0.1"],
    ["private", "172.16.0.1"],
    ["private", "192.168.1.1"],
    ["shared", "100.64.0.1"],
    ["link-local", "169.254.169.254"],
    ["the platform's", "168.63.129.16"],
    ["no server's", "0.0.0.0"],
    ["link-local, in IPv6", "[fe80::1]"],
    ["private, in IPv6", "[fd00:ec2::254]"],
    ["IPv4-mapped", "[::ffff:a9fe:a9fe]"],
    ["IPv4-translated", "[::ffff:0:a9fe:a9fe]"],
    ["NAT64", "[64:ff9b::a9fe:a9fe]"],
    ["NAT64 of a local kind", "[64:ff9b:1::a9fe:a9fe]"],
    ["6to4", "[2002:a9fe:a9fe::1]"],
  ])(verifies(cited, "asks no address that is %s: %s"), async (_what, address) => {
    expect(await kindOf(gatewayClients().clients.find(`https://${address}/c`))).toBe("address");
  });

  it(verifies(cited, "asks no name that leads there"), async () => {
    for (const address of ["127.0.0.1", "::ffff:a00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"]) {
      const network = { ...publicNetwork, resolve: async () => ["93.184.216.34", address] };
      const { clients } = gatewayClients({ network });
      expect(await kindOf(clients.find("https://client.example/c")), address).toBe("address");
    }
  });

  it(verifies(cited, "has no way to be told otherwise"), async () => {
    const naming: string[] = [];
    for (const folder of ["src", "functions"]) {
      const files = await readdir(join(projectFolder, folder), { recursive: true });
      for (const file of files.filter((name) => name.endsWith(".ts"))) {
        const path = join(folder, file).replaceAll("\\", "/");
        const text = await readFile(join(projectFolder, path), "utf8");
        if (/\bDocumentNetwork\b/.test(text)) naming.push(path);
      }
    }
    // What puts the server together passes one on, and what starts it in production has none to give.
    expect(naming.filter((path) => !path.startsWith("src/core/client-documents/")).sort()).toEqual([
      "src/app.ts",
      "src/gateway/clients/clients.ts",
      "src/gateway/gateway.ts",
    ]);
    const production = await readFile(join(projectFolder, "src/azure.ts"), "utf8");
    expect(production).not.toMatch(/network/i);
  });
});
