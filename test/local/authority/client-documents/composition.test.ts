import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectFolder } from "../../../../local/paths.ts";
import { verifies } from "../../../requirements.ts";
import { testAuthority } from "../support.ts";
import { asClient, authorityWith, host, lines, log, pageOf, useDocumentHost } from "./support.ts";

useDocumentHost();

it.each([true, false])(
  verifies("client-documents.advertised", "discovery says so where that is %j"),
  async (advertised) => {
    const authority = await authorityWith({ advertised });
    for (const url of [
      `${authority.issuer}/.well-known/openid-configuration`,
      `${authority.origin}/.well-known/oauth-authorization-server${new URL(authority.issuer).pathname}`,
    ]) {
      const document = (await (await fetch(url)).json()) as Record<string, unknown>;
      expect(document.client_id_metadata_document_supported).toBe(advertised ? true : undefined);
    }
    expect((await authority.authorize(asClient(host.publish("/c")))).status).toBe(200);
  },
);

describe("the authority as it is outside tests", () => {
  const cited = "client-documents.strict";

  it(verifies(cited, "asks nothing on this machine"), async () => {
    const authority = await testAuthority({ log });
    const { port } = new URL(host.origin);
    for (const name of ["localhost", "127.0.0.1", "[::1]", "[::ffff:7f00:1]"]) {
      const page = await authority.authorize(asClient(`https://${name}:${port}/client.json`));
      expect(await pageOf(page)).toBe("400 AADSTS700016");
    }
    expect(lines).toEqual(
      Array(4).fill(expect.stringContaining("Only public addresses are asked")),
    );
    expect(host.connections()).toBe(0);
  });

  it(verifies(cited, "has no way to be told otherwise"), async () => {
    const sources = new Map<string, string>();
    for (const folder of ["src", "local", "scripts", "functions", "probe", "bench"]) {
      const files = await readdir(join(projectFolder, folder), { recursive: true });
      for (const file of files.filter((name) => name.endsWith(".ts"))) {
        const path = join(folder, file).replaceAll("\\", "/");
        sources.set(path, await readFile(join(projectFolder, path), "utf8"));
      }
    }
    const naming = (word: RegExp) =>
      [...sources].filter(([, text]) => word.test(text)).map(([path]) => path);
    expect(naming(/\bDocumentNetwork\b/).toSorted()).toEqual([
      "local/authority/authority.ts",
      "src/app.ts",
      "src/core/client-documents/documents.ts",
      "src/core/client-documents/fetch.ts",
      "src/core/client-documents/network.ts",
      "src/gateway/clients/clients.ts",
      "src/gateway/gateway.ts",
    ]);
    // Whoever starts the authority for people gives it none.
    expect(naming(/\bstartAuthority\(/).toSorted()).toEqual([
      "local/authority/authority.ts",
      "local/services.ts",
    ]);
    expect(sources.get("local/services.ts")).toContain(
      "clientDocuments: { advertised: options.clientDocuments },",
    );
    const own = [...sources].filter(([path]) => path.startsWith("src/core/client-documents/"));
    expect(own.length).toBeGreaterThan(4);
    for (const [path, text] of own) expect(text, path).not.toMatch(/\bprocess\b|\bimport\.meta\b/);
  });
});
