import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folderPath, type Machine } from "../../../bridge/cache/folder.ts";
import { claimsOf, user1ObjectId } from "../../local/authority/support.ts";
import { verifies } from "../../requirements.ts";
import { noKeyring } from "../cache/support.ts";
import { cloud, startBridge, testEntra } from "./support.ts";

const plain = { keyring: noKeyring, choices: { plainFile: true } };

/** Changes the text in one of a person's files that are not encrypted. */
async function change(machine: Machine, ending: string, to: (text: string) => string) {
  const folder = folderPath(machine);
  const name = (await readdir(folder)).find((entry) => entry.endsWith(ending)) ?? "";
  const [header, binding, ...lines] = (await readFile(join(folder, name), "utf8")).split("\n");
  const changed = [header, binding, to(lines.join("\n"))].join("\n");
  await writeFile(join(folder, name), changed);
}

// biome-ignore lint/suspicious/noExplicitAny: MSAL's own shape, taken apart
type Cache = any;

const edited = (edit: (cache: Cache) => void) => (text: string) => {
  const cache = JSON.parse(text);
  edit(cache);
  return JSON.stringify(cache);
};
const first = (entries: Cache) => entries[Object.keys(entries)[0] ?? ""];

/** What whoever can write to a plain file may make of MSAL's cache. */
const hostile: Record<string, (text: string) => string> = {
  "is no JSON": () => "{",
  "is empty": () => "",
  "is a list": () => "[]",
  "is nested without end": () => '{"Account":'.repeat(60_000),
  "reaches for prototypes": (text) => text.replace("{", '{"__proto__":{"Account":{}},'),
  "reaches for prototypes in escapes": (text) =>
    text.replace('"Account":{', '"Account":{"\\u005f_proto__":{"isAdmin":true},'),
  "has an account without a name": edited((cache) => {
    delete first(cache.Account).username;
  }),
  "has numbers for secrets": edited((cache) => {
    first(cache.AccessToken).secret = 7;
  }),
  "has a token with a header in it": edited((cache) => {
    first(cache.AccessToken).secret = "a\r\nX-Admin: yes";
    first(cache.RefreshToken).secret = "x";
  }),
  "has folders where texts belong": edited((cache) => {
    first(cache.RefreshToken).environment = { toString: "x" };
  }),
  "has a refresh token of nobody's": edited((cache) => {
    cache.AccessToken = {};
    first(cache.RefreshToken).secret = "x".repeat(1000);
  }),
};

describe("a cache that", () => {
  it.each(Object.entries(hostile))(
    verifies("bridge.sign-in.hostile-cache", "%s means a new sign-in"),
    async (_, make) => {
      const entra = await testEntra();
      const before = await startBridge(entra, plain);
      await before.token();
      await change(before.machine, ".tokens", make);
      const bridge = await startBridge(entra, { ...plain, machine: before.machine });
      const token = await bridge.token();
      expect(claimsOf(token).oid).toBe(user1ObjectId);
      expect(bridge.opened).toHaveLength(1);
      expect(Object.hasOwn(Object.prototype, "isAdmin")).toBe(false);
      const later = await startBridge(entra, { ...plain, machine: before.machine });
      expect(await later.token({ interactive: false })).toBe(token);
    },
  );

  it(
    verifies("bridge.sign-in.hostile-cache", "has a token for elsewhere gets it renewed"),
    async () => {
      const entra = await testEntra();
      const before = await startBridge(entra, plain);
      const good = await before.token();
      const change1 = edited((cache) => {
        first(cache.AccessToken).resource = "https://graph.microsoft.com";
        first(cache.AccessToken).secret = "of-another-resource";
      });
      await change(before.machine, ".tokens", change1);
      const bridge = await startBridge(entra, { ...plain, machine: before.machine });
      const token = await bridge.token({ interactive: false });
      expect(claimsOf(token).aud).toBe(claimsOf(good).aud);
    },
  );
});

describe("a remembered authority that", () => {
  it.each([
    ["https://evil.example/contoso.com"],
    ["https://localhost:1/contoso.com"],
    [`${cloud}/common`],
    ["javascript:alert(1)"],
    [""],
  ])(verifies("bridge.sign-in.hostile-cache", "is %s is not believed"), async (authority) => {
    const entra = await testEntra();
    const before = await startBridge(entra, plain);
    await before.token();
    await change(before.machine, ".authority", () => authority);
    entra.sent.length = 0;
    const bridge = await startBridge(entra, { ...plain, machine: before.machine });
    await bridge.token();
    // It is asked of the server again.
    expect(entra.sent[0]?.url.pathname).toContain("/.well-known/oauth-protected-resource");
  });
});
