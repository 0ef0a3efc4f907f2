import { createDecipheriv, hkdfSync } from "node:crypto";
import { decodeJwt } from "jose";
import { expect } from "vitest";
import { type ComposedGateway, issuer, objectId } from "../composed-gateway.ts";
import type { Attack } from "./attack.ts";
import { Browser } from "./browser.ts";
import { Client } from "./client.ts";
import { resigned } from "./resigned.ts";

const threat = "gateway-attacks.store";
const signIns = "src/gateway/authorize/stored-sign-ins.ts";
const sealing = "src/gateway/grants/sealing.ts";
const upstream = "src/gateway/grants/upstream-tokens.ts";
const person = objectId;
const otherPerson = objectId.replace(/1$/, "2");

/** All that somebody reads who has the store and the keys. */
const dumpOf = ({ memory, keys }: ComposedGateway): string =>
  JSON.stringify([memory.documents(), keys.stored?.text]);

/** Goes the whole way twice, with the connections page, and looks for what was handed out. */
async function leavesNothing(gateway: ComposedGateway): Promise<void> {
  const secrets: string[] = [];
  const dumps: string[] = [];
  const client = await Client.registered(gateway);
  const browser = new Browser(gateway);
  const entra = await browser.allow(client.authorizeUrl());
  const held = () => [...browser.cookies.values()].filter((value) => value !== "");
  secrets.push(String(entra.searchParams.get("state")), ...held());
  dumps.push(dumpOf(gateway));
  const code = (await browser.goThrough(entra))?.searchParams.get("code") ?? "";
  dumps.push(dumpOf(gateway));
  const first = await client.redeem(code);
  dumps.push(dumpOf(gateway));
  const second = await client.refresh(first.refreshToken);
  await browser.follow(`${issuer}/connections`);
  await gateway.call(second.accessToken);
  dumps.push(dumpOf(gateway));
  for (const { accessToken, refreshToken } of [first, second]) {
    secrets.push(accessToken, refreshToken, String(decodeJwt(accessToken).key_secret));
  }
  // Of Entra's: what the gateway has asked it with.
  for (const { refresh_token, assertion } of gateway.asked) {
    secrets.push(...[refresh_token, assertion].filter((text) => text !== undefined));
  }
  secrets.push(code, ...held());
  expect(secrets.length).toBeGreaterThan(10);
  const found = secrets.filter((secret) => dumps.some((dump) => holds(dump, secret)));
  expect(found).toEqual([]);
}

/** Whether a secret stands in a dump: as it is, as its bytes, or within what is encoded there. */
function holds(dump: string, secret: string): boolean {
  const bare = secret.replace(/^gw[cr]_/, "");
  const bytes = [Buffer.from(secret), Buffer.from(bare, "base64url")];
  const encoded = bytes.flatMap((each) => [each.toString("hex"), each.toString("base64url")]);
  if ([secret, bare, ...encoded].some((text) => dump.includes(text))) return true;
  const decoded = [...dump.matchAll(/[\w-]{20,}/g)].map(([text]) => Buffer.from(text, "base64url"));
  return decoded.some((piece) => bytes.some((each) => piece.includes(each)));
}

interface GrantDocument {
  readonly id: string;
  readonly partition: string;
  readonly item: Readonly<Record<string, unknown>> & {
    readonly upstream: string;
    readonly refresh: { readonly hash: string; readonly wrappedKey: string };
    readonly previous?: { readonly wrappedKey: string; readonly successor: string };
  };
}

function grantOf({ memory }: ComposedGateway, objectId: string): GrantDocument {
  const grants = memory.documents().filter(({ kind }) => kind === "grant");
  return grants.find(({ partition }) => partition === objectId) as unknown as GrantDocument;
}

/** Whoever can write to the store changes a grant. Ten seconds later every instance has seen it. */
async function overwrite(
  { memory, clock }: ComposedGateway,
  { id, partition, item, ...rest }: GrantDocument,
  changes: Partial<GrantDocument["item"]>,
): Promise<void> {
  const changed = { ...rest, id, partition, item: { ...item, ...changes } };
  await memory.view().container.item(id, partition).replace(changed);
  clock.advance(10_000);
}

/** The attacker's tokens and those of somebody else, whose record is beside theirs. */
async function twoGrants(gateway: ComposedGateway) {
  const client = await Client.registered(gateway);
  gateway.person = { oid: otherPerson };
  const theirs = await client.signIn();
  gateway.person = { oid: person };
  return { client, own: await client.signIn(), theirs };
}

/** One key for all, and nothing that binds what is sealed to its grant. */
const unbound = {
  file: sealing,
  code: 'JSON.stringify(["gateway", purpose, objectId, grantId, clientId])',
  without: 'JSON.stringify(["gateway", purpose, objectId && grantId && clientId ? "" : ""])',
} as const;
/** What is sealed for a grant is sealed under a key of its own too. */
const ownKeys = [
  unbound,
  {
    file: sealing,
    code: "return randomBytes(keyBytes);",
    without: "return randomBytes && new Uint8Array(keyBytes);",
  },
] as const;
const withoutToken = {
  file: sealing,
  code: 'hkdfSync("sha256", tokenSecret, key.secret, info, keyBytes)',
  without: 'hkdfSync("sha256", tokenSecret.subarray(0, 0), key.secret, info, keyBytes)',
} as const;

export const storeAttacks: readonly Attack[] = [
  {
    threat,
    name: "a store with refresh tokens in it",
    source: "RFC 9700 section 4.14; RFC 6819 section 5.1.4.1.3",
    guard: {
      file: "src/gateway/tokens/opaque-token.ts",
      code: "return sha256(text);",
      without: "return text || sha256(text);",
    },
    run: leavesNothing,
  },
  {
    threat,
    name: "a store with the states of sign-ins in it",
    source: "RFC 6819 section 5.1.4.1.3",
    guard: [
      {
        file: signIns,
        code: "const id = sha256(state);\n    const record",
        without: "const id = state;\n    const record",
      },
      {
        file: signIns,
        code: "const id = sha256(state);\n    const found",
        without: "const id = state;\n    const found",
      },
    ],
    run: leavesNothing,
  },
  {
    threat,
    name: "a store with the cookies of sign-ins in it",
    source: "RFC 6819 section 5.1.4.1.3",
    guard: [
      { file: signIns, code: "browser: sha256(browser),", without: "browser," },
      { file: signIns, code: "isSame(sha256(browser),", without: "isSame(browser," },
    ],
    run: leavesNothing,
  },
  {
    threat,
    name: "a store with people's sessions in it",
    source: "RFC 6819 section 5.1.4.1.3",
    guard: {
      file: "src/gateway/connections/sessions.ts",
      code: "const id = sha256(secret);",
      without: "const id = secret || sha256(secret);",
    },
    run: leavesNothing,
  },
  {
    threat,
    name: "a store with Entra's tokens in it",
    source: "RFC 6819 section 5.1.4.1.2",
    guard: [
      {
        file: upstream,
        code: 'return seal(content, dataKey, "upstream tokens", grant, randomBytes);',
        without: 'return (dataKey && grant && randomBytes && content).toString("base64url");',
      },
      {
        file: upstream,
        code: 'const content = open(sealed, dataKey, "upstream tokens", grant);',
        without: 'const content = dataKey && grant && Buffer.from(sealed, "base64url");',
      },
    ],
    run: leavesNothing,
  },
  {
    threat,
    name: "store and keys together, without a token",
    source: "docs/gateway.md, How it works",
    guard: withoutToken,
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      await client.refresh(refreshToken);
      const { item } = grantOf(gateway, person);
      const { objectId, grantId, clientId, refresh, previous } = item;
      const { keys } = JSON.parse(gateway.keys.stored?.text ?? "");
      const serverKeys = keys.flatMap(({ k }: { k?: string }) => k ?? []);
      const secrets = ["", refresh.hash, String(grantId), ...serverKeys].flatMap((text) => [
        Buffer.from(text),
        Buffer.from(text, "base64url"),
      ]);
      const opened = [];
      for (const sealed of [refresh.wrappedKey, previous?.wrappedKey, previous?.successor]) {
        for (const purpose of ["refresh token", "successor"]) {
          const about = JSON.stringify(["gateway", purpose, objectId, grantId, clientId]);
          for (const secret of secrets) {
            for (const key of serverKeys) {
              const derived = hkdfSync("sha256", secret, Buffer.from(key, "base64url"), about, 32);
              if (unsealed(String(sealed), new Uint8Array(derived), about)) opened.push(sealed);
            }
          }
        }
      }
      expect(opened).toEqual([]);
    },
  },
  {
    threat,
    name: "one nonce for all that is encrypted",
    source: "NIST SP 800-38D section 8.2; an API Management sample with one IV",
    guard: {
      file: sealing,
      code: "const nonce = randomBytes(nonceBytes);",
      without: "const nonce = randomBytes && new Uint8Array(nonceBytes);",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      let { refreshToken } = await client.signIn();
      const sealed = new Set<string>();
      for (let refreshes = 0; refreshes < 4; refreshes += 1) {
        const { upstream, refresh, previous } = grantOf(gateway, person).item;
        const all = [upstream, refresh.wrappedKey, previous?.wrappedKey, previous?.successor];
        for (const text of all) if (text !== undefined) sealed.add(text);
        ({ refreshToken } = await client.refresh(refreshToken));
      }
      const nonces = new Set([...sealed].map((text) => text.slice(0, 16)));
      expect(nonces.size).toBe(sealed.size);
      expect(sealed.size).toBeGreaterThan(8);
    },
  },
  {
    threat,
    name: "somebody else's sealed tokens, copied into the attacker's grant",
    source: "RFC 5116 section 2.1, of associated data",
    guard: ownKeys,
    async run(gateway) {
      const { own, theirs } = await twoGrants(gateway);
      const { upstream } = grantOf(gateway, otherPerson).item;
      await overwrite(gateway, grantOf(gateway, person), { upstream });
      expect((await gateway.call(own.accessToken)).status).toBe(401);
      expect((await gateway.call(theirs.accessToken)).status).toBe(200);
    },
  },
  {
    threat,
    name: "the ids of somebody else's grant in an access token, by whoever has the signing key",
    source: "RFC 5116 section 2.1; docs/gateway.md, How it works",
    guard: ownKeys,
    async run(gateway) {
      const { own, theirs } = await twoGrants(gateway);
      const { sub, grant_id } = decodeJwt(theirs.accessToken);
      const joined = await resigned(gateway, own.accessToken, { sub, grant_id });
      expect((await gateway.call(joined)).status).toBe(401);
      expect((await gateway.call(theirs.accessToken)).status).toBe(200);
    },
  },
  {
    threat,
    name: "somebody else's wrapped key, copied with what it opens",
    source: "RFC 5116 section 2.1; docs/gateway.md, How it works",
    guard: [unbound, withoutToken],
    async run(gateway) {
      const { client, own, theirs } = await twoGrants(gateway);
      const victim = grantOf(gateway, otherPerson).item;
      const attacker = grantOf(gateway, person);
      const { wrappedKey } = victim.refresh;
      const refresh = { ...attacker.item.refresh, wrappedKey };
      await overwrite(gateway, attacker, { upstream: victim.upstream, refresh });
      expect((await client.refresh(own.refreshToken)).status).toBe(400);
      gateway.person = { oid: otherPerson };
      expect((await client.refresh(theirs.refreshToken)).status).toBe(200);
    },
  },
];

/** AES-256-GCM, as nonce, ciphertext and tag. */
function unsealed(sealed: string, key: Uint8Array, about: string): Buffer | undefined {
  const bytes = Buffer.from(sealed, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
  decipher.setAAD(Buffer.from(about));
  decipher.setAuthTag(bytes.subarray(-16));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
  } catch {
    return undefined;
  }
}
