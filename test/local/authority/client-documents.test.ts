import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { AuthorityOptions } from "../../../local/authority/authority.ts";
import { AgentIdentities } from "../../../local/authority/client-documents/agents.ts";
import { openState } from "../../../local/authority/state.ts";
import { readableLine } from "../../../local/log-line.ts";
import { projectFolder } from "../../../local/paths.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { verifies } from "../../requirements.ts";
import { type DocumentHost, redirectUri, startDocumentHost } from "../../support/document-host.ts";
import { control } from "../../support/shared-stack.ts";
import { temporaryFolder } from "../../support/stack.ts";
import {
  answerOf,
  claimsOf,
  minutes,
  qualifiedScope,
  redirectedRefusalOf,
  refusalOf,
  type TestAuthority,
  testAuthority,
  tokensOf,
  user1ObjectId,
} from "./support.ts";

let host: DocumentHost;
let clock: FakeClock;
let lines: string[];
beforeEach(async () => {
  host = await startDocumentHost();
  clock = new FakeClock();
  lines = [];
});
afterEach(() => host.close());

/** What `npm start` prints. */
const log = (event: string, fields: Readonly<Record<string, string>>) => {
  if (/\.refused$|^agent-identity\./.test(event)) {
    lines.push(String(readableLine(JSON.stringify({ event, ...fields }), new Date(0))));
  }
};

/** An authority that reaches the host. */
const authorityWith = (
  clientDocuments: AuthorityOptions["clientDocuments"] = {},
  options: Partial<AuthorityOptions> = {},
) =>
  testAuthority({
    clientDocuments: { network: host.network, ...clientDocuments },
    now: clock.now,
    log,
    ...options,
  });

const asClient = (url: string) => ({
  client_id: url,
  redirect_uri: redirectUri,
  scope: `openid ${qualifiedScope} offline_access`,
});

async function signIn(authority: TestAuthority, url: string) {
  const code = await authority.authorizationCode(asClient(url));
  return tokensOf(authority.redeem(code, { client_id: url, redirect_uri: redirectUri }));
}

const refresh = (authority: TestAuthority, url: string, refresh_token = "") =>
  authority.token({ grant_type: "refresh_token", client_id: url, refresh_token });

/** The page on which a request ended: its status, and the code on it. */
async function pageOf(response: Response): Promise<string> {
  return `${response.status} ${/AADSTS\d+/.exec(await response.text())?.[0]}`;
}

async function stateDirectory(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return join(folder.path, "state");
}

describe("a client with a document", () => {
  it(verifies("client-documents.agent", "is an agent identity in its tokens"), async () => {
    const authority = await authorityWith();
    const url = host.publish("/client.json");
    const tokens = await signIn(authority, url);
    const claims = claimsOf(tokens.access_token);
    expect(claims).toMatchObject({
      azp: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      azpacr: "0",
      idtyp: "user",
      oid: user1ObjectId,
      scp: "user_impersonation",
    });
    expect(String(claims.xms_act_fct).split(" ")).toContain("11");
    expect(claims).not.toHaveProperty("xms_sub_fct");
    expect(claimsOf(tokens.id_token).aud).toBe(url);
    const again = await tokensOf(refresh(authority, url, tokens.refresh_token));
    expect(claimsOf(again.access_token)).toMatchObject({ azp: claims.azp, idtyp: "user" });
    expect(lines).toEqual([
      expect.stringContaining(
        `agent-identity.created  document=${url} applicationId=${claims.azp}`,
      ),
    ]);
  });

  it(verifies("client-documents.agent", "leaves other clients' tokens as they are"), async () => {
    const authority = await authorityWith();
    const claims = claimsOf((await authority.signIn()).access_token);
    expect(claims).not.toHaveProperty("xms_act_fct");
    expect(claims).not.toHaveProperty("idtyp");
  });

  it(verifies("client-documents.agent", "has no credential and no grant of its own"), async () => {
    const authority = await authorityWith();
    const url = host.publish("/client.json");
    const { refresh_token = "" } = await signIn(authority, url);
    const form = { grant_type: "refresh_token", client_id: url, refresh_token };
    const withSecret = authority.token({ ...form, client_secret: "secret" });
    expect(await refusalOf(withSecret)).toBe("401 invalid_client AADSTS700025");
    const alone = authority.token({ ...form, grant_type: "client_credentials" });
    expect(await refusalOf(alone)).toBe("400 unsupported_grant_type AADSTS70003");
  });

  it(verifies("client-documents.application-id", "keeps its id across restarts"), async () => {
    const dataDirectory = await stateDirectory();
    const [one, other] = [host.publish("/one"), host.publish("/other")];
    const before = await authorityWith({}, { dataDirectory });
    const tokens = await signIn(before, one);
    const { azp } = claimsOf(tokens.access_token);
    expect(claimsOf((await signIn(before, other)).access_token).azp).not.toBe(azp);
    await before.close();

    const after = await authorityWith({}, { dataDirectory });
    const refreshed = await tokensOf(refresh(after, one, tokens.refresh_token));
    expect(claimsOf(refreshed.access_token).azp).toBe(azp);
    const stranger = await authorityWith();
    expect(claimsOf((await signIn(stranger, one)).access_token).azp).not.toBe(azp);
  });

  it(verifies("client-documents.application-id", "is not known by that id"), async () => {
    const authority = await authorityWith();
    const url = host.publish("/client.json");
    const { access_token, refresh_token = "" } = await signIn(authority, url);
    const client_id = String(claimsOf(access_token).azp);
    const page = await authority.authorize({ ...asClient(url), client_id });
    expect(await pageOf(page)).toBe("400 AADSTS700016");
    expect(await refusalOf(refresh(authority, client_id, refresh_token))).toContain("AADSTS700016");
  });

  it(verifies("client-documents.agent", "cannot use what another one was given"), async () => {
    const authority = await authorityWith();
    const [one, other] = [host.publish("/one"), host.publish("/other")];
    await signIn(authority, other);
    const { refresh_token } = await signIn(authority, one);
    expect(await refusalOf(refresh(authority, other, refresh_token))).toContain("AADSTS70000");
    const code = await authority.authorizationCode(asClient(one));
    const stolen = authority.redeem(code, { client_id: other, redirect_uri: redirectUri });
    expect(await refusalOf(stolen)).toContain("AADSTS70000");
  });

  it.each([
    ["another host", "https://evil.example/callback"],
    ["another path", `${redirectUri}/more`],
    ["https for http", redirectUri.replace("http:", "https:")],
    ["the host of its document", "https://client.example/callback"],
  ])(verifies("client-documents.judged", "is not answered at %s"), async (_what, redirect_uri) => {
    const authority = await authorityWith();
    const url = host.publish("/client.json");
    const page = await authority.authorize({ ...asClient(url), redirect_uri });
    expect(await pageOf(page)).toBe("400 AADSTS50011");
  });

  it(verifies("client-documents.page", "is shown by name, host and destination"), async () => {
    const authority = await authorityWith();
    const client_name = `<b>Visual Studio Code</b>\u202e\u2066\u0000`;
    const url = host.publish("/client.json", { client_name });
    const page = await (await authority.authorize(asClient(url))).text();
    expect(page).toContain("<strong>&lt;b&gt;Visual Studio Code&lt;/b&gt;</strong> wants to:");
    expect(page).toContain(`at <strong>${new URL(url).host}</strong> calls itself`);
    expect(page).toContain("an application on this computer (127.0.0.1:33418)");
    expect(page).not.toMatch(/[\u202e\u2066\0]/);
    const known = await (await authority.authorize()).text();
    expect(known).not.toContain("calls itself");
  });
});

describe("a document", () => {
  it.each([
    [
      "is refused",
      () => host.publish("/c", { client_secret: "s" }),
      "400 AADSTS700016",
      "must not hold client_secret",
    ],
    ["is not there", () => `${host.origin}/none`, "400 AADSTS700016", "The answer was 404"],
    [
      "has a URL that is none",
      () => "https://user@client.example/c",
      "400 AADSTS700016",
      "must not hold a user name",
    ],
    [
      "is on a host that does not answer",
      () => "https://other.example/c",
      "503 AADSTS90033",
      "(ENOTFOUND)",
    ],
  ])(
    verifies("client-documents.told", "that %s is refused on a page, and explained in the log"),
    async (_what, publish, answered, words) => {
      const authority = await authorityWith();
      const page = await authority.authorize(asClient(publish()));
      expect(await pageOf(page)).toBe(answered);
      expect(lines).toEqual([expect.stringContaining(words)]);
    },
  );

  it(verifies("client-documents.told", "says nothing in the log by itself"), async () => {
    const authority = await authorityWith();
    const evil = "https://client.example/\u001b[2J\r\nSign-in, all good";
    await authority.authorize(asClient(evil));
    const url = host.publish("/c", { redirect_uris: ["javascript:\u001b[2Jalert"] });
    await authority.authorize(asClient(url));
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]+$/);
  });

  it(
    verifies("client-documents.changed", "that is gone ends refreshing and signing in"),
    async () => {
      const authority = await authorityWith();
      const url = host.publish("/client.json");
      const { refresh_token } = await signIn(authority, url);
      host.withdraw("/client.json");
      expect((await refresh(authority, url, refresh_token)).status).toBe(200);
      clock.advance(10 * minutes);
      expect(await refusalOf(refresh(authority, url, refresh_token))).toBe(
        "400 unauthorized_client AADSTS700016",
      );
      expect(await pageOf(await authority.authorize(asClient(url)))).toBe("400 AADSTS700016");
    },
  );

  it(verifies("client-documents.changed", "that has changed counts as it is"), async () => {
    const authority = await authorityWith();
    const url = host.publish("/client.json");
    await signIn(authority, url);
    const moved = "https://client.example/callback";
    host.publish("/client.json", { redirect_uris: [moved], client_name: "A new name" });
    clock.advance(10 * minutes);
    expect(await pageOf(await authority.authorize(asClient(url)))).toBe("400 AADSTS50011");
    const page = await authority.authorize({ ...asClient(url), redirect_uri: moved });
    expect(await page.text()).toContain("A new name");
  });

  it(verifies("client-documents.changed", "that cannot be reached now may be later"), async () => {
    let isReachable = true;
    const { network } = host;
    const resolve = (name: string) => network.resolve(isReachable ? name : "nowhere.example");
    const authority = await authorityWith({ network: { ...network, resolve } });
    const url = host.publish("/client.json");
    const { refresh_token } = await signIn(authority, url);
    clock.advance(10 * minutes);
    isReachable = false;
    expect(await refusalOf(refresh(authority, url, refresh_token))).toBe(
      "503 temporarily_unavailable AADSTS90033",
    );
    isReachable = true;
    clock.advance(10_000);
    expect((await refresh(authority, url, refresh_token)).status).toBe(200);
  });
});

describe("a web page elsewhere", () => {
  const cited = "client-documents.only-pages";

  it.each([
    ["an image", { "Sec-Fetch-Dest": "image" }, {}],
    ["a frame", { "Sec-Fetch-Dest": "iframe" }, {}],
    ["a script's request", { "Sec-Fetch-Dest": "empty" }, {}],
    ["a silent frame", { "Sec-Fetch-Dest": "iframe" }, { prompt: "none" }],
    ["a silent request", { "Sec-Fetch-Dest": "empty" }, { prompt: "none" }],
  ])(verifies(cited, "makes nothing be fetched by %s"), async (_what, headers, more) => {
    const authority = await authorityWith();
    const url = host.publish("/client.json");
    const response = await fetch(authority.authorizeUrl({ ...asClient(url), ...more }), {
      headers,
    });
    expect(response.status).toBe(400);
    expect(host.connections()).toBe(0);
  });

  it(
    verifies(cited, "makes nothing be fetched by asking for tokens or a device code"),
    async () => {
      const authority = await authorityWith();
      const client_id = host.publish("/client.json");
      const grants = [
        "authorization_code",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
      ];
      for (const grant_type of grants) {
        const form = { grant_type, client_id, code: "c", refresh_token: "r", assertion: "a" };
        expect(await refusalOf(authority.token(form))).toContain("AADSTS700016");
      }
      const device = await fetch(`${authority.base}/oauth2/v2.0/devicecode`, {
        method: "POST",
        body: new URLSearchParams({ client_id, scope: qualifiedScope }),
      });
      expect(await refusalOf(device)).toContain("AADSTS700016");
      expect(host.connections()).toBe(0);
    },
  );

  it(
    verifies("client-documents.bounded", "opens many pages, and known clients still sign in"),
    async () => {
      const authority = await authorityWith();
      const url = host.publish("/client.json");
      await signIn(authority, url);
      clock.advance(10 * minutes);
      const answers: string[] = [];
      for (let id = 0; id < 30; id++) {
        answers.push(await pageOf(await authority.authorize(asClient(`${host.origin}/${id}`))));
      }
      expect(answers).toEqual([
        ...Array(20).fill("400 AADSTS700016"),
        ...Array(10).fill("503 AADSTS90033"),
      ]);
      expect((await authority.authorize(asClient(url))).status).toBe(200);
    },
  );

  it(
    verifies("client-documents.bounded", "cannot make the authority's data grow without end"),
    async () => {
      const agents = new AgentIdentities(await openState(undefined));
      for (let id = 0; id < 201; id++) {
        await agents.confirm(`https://client.example/${id}`);
        await agents.grant(`https://client.example/${id}`);
      }
      const known = [0, 1, 200].map((id) => `https://client.example/${id}`);
      expect(known.map((url) => agents.isKnown(url))).toEqual([false, true, true]);
      expect(known.map((url) => agents.isGranted(url))).toEqual([false, true, true]);
    },
  );
});

describe("the administrator", () => {
  const cited = "client-documents.administrator";
  const path = "/_local/client-documents";

  it(verifies(cited, "is waited for, until the document's URL is granted"), async () => {
    const authority = await authorityWith({ administratorGrants: true });
    const url = host.publish("/it's.json");
    const refused = await authority.authorize(asClient(url));
    expect(redirectedRefusalOf(refused)).toBe("access_denied AADSTS90094");
    expect(answerOf(refused).get("error_description")).toContain("An agent needs permission");
    expect((await authority.authorize()).status).toBe(200);

    const [line = ""] = lines;
    expect(line).toContain(`document=${url} reason=It waits for the administrator.`);
    const [, body = "", address = ""] = / -d '(.*)' (\S+)$/.exec(line) ?? [];
    expect(address).toBe(`${authority.origin}${path}`);
    await control(address, "", JSON.parse(body.replaceAll("'\\''", "'")));
    expect((await authority.authorize(asClient(url))).status).toBe(200);
    const other = await authority.authorize(asClient(host.publish("/other.json")));
    expect(redirectedRefusalOf(other)).toBe("access_denied AADSTS90094");
  });

  it(verifies(cited, "may grant before anybody asks, and revoke"), async () => {
    const authority = await authorityWith();
    const url = host.publish("/client.json");
    await control(authority.origin, path, { administratorGrants: true, grant: url });
    const { refresh_token } = await signIn(authority, url);
    await control(authority.origin, path, { revoke: url });
    expect(await refusalOf(refresh(authority, url, refresh_token))).toBe(
      "400 invalid_grant AADSTS65001",
    );
    expect(redirectedRefusalOf(await authority.authorize(asClient(url)))).toContain("AADSTS90094");
    await control(authority.origin, path, { administratorGrants: false });
    expect((await refresh(authority, url, refresh_token)).status).toBe(200);
  });

  it(verifies(cited, "is remembered across a restart"), async () => {
    const dataDirectory = await stateDirectory();
    const url = host.publish("/client.json");
    const before = await authorityWith({ administratorGrants: true }, { dataDirectory });
    await control(before.origin, path, { grant: url });
    await before.close();
    const after = await authorityWith({ administratorGrants: true }, { dataDirectory });
    expect((await after.authorize(asClient(url))).status).toBe(200);
  });

  it.each([
    ["a URL that is none of a document", { grant: "https://client.example" }, "must have a path"],
    ["what it does not know", { allow: "127.0.0.1" }, "allow"],
    ["no object", [], "expected object"],
  ])(verifies(cited, "is told about %s"), async (_what, body, words) => {
    const authority = await authorityWith();
    const response = await fetch(`${authority.origin}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(words);
  });

  it(verifies(cited, "is not a web page elsewhere"), async () => {
    const authority = await authorityWith({ administratorGrants: true });
    const grant = host.publish("/client.json");
    const sent = await fetch(`${authority.origin}${path}`, {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body: JSON.stringify({ grant }),
    });
    expect(sent.status).toBe(400);
    const asked = await fetch(`${authority.origin}${path}`, { method: "OPTIONS" });
    expect(asked.headers.get("access-control-allow-origin")).toBeNull();
    expect(redirectedRefusalOf(await authority.authorize(asClient(grant)))).toContain(
      "AADSTS90094",
    );
  });
});

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
      "src/core/client-documents/documents.ts",
      "src/core/client-documents/fetch.ts",
      "src/core/client-documents/network.ts",
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
