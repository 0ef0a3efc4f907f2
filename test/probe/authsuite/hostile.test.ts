import { afterEach, describe, expect, it } from "vitest";
import { jsonReport, textReport } from "../../../probe/authsuite/report.ts";
import { runSuite } from "../../../probe/authsuite/suite.ts";
import { addressNamedBy } from "../../../probe/shared/addresses.ts";
import { exitCodeOf } from "../../../probe/shared/report.ts";
import { verifies } from "../../requirements.ts";
import { type HostileServer, type Lies, startHostileServer } from "../doctor/hostile-server.ts";

const servers: HostileServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(lies: (self: URL) => Lies): Promise<HostileServer> {
  const server = await startHostileServer(lies);
  servers.push(server);
  return server;
}

const evil = "\u001b[2J\u009b31m\r\n\u202e\u2066\u2028\u200b\u{e0041}\ud800";
const uncallable = { toString: 1, valueOf: 2 };
const nested = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
const dangerous = /[^\P{C}\n]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

const documents: Readonly<Record<string, (self: URL) => Lies>> = {
  "evil text": ({ href, origin }) => ({
    challenge: 'Bearer error="\u009b31m\u0085"',
    metadata: {
      json: {
        resource: href,
        authorization_servers: [`${origin}/${evil}`, evil],
        scopes_supported: [evil],
      },
    },
    discovery: { text: evil },
  }),
  "members that String would call": () => ({
    metadata: {
      json: {
        resource: uncallable,
        authorization_servers: [uncallable],
        scopes_supported: [uncallable],
      },
    },
  }),
  "documents nested too deep to be walked": () => ({
    metadata: { text: `{"resource":${nested},"scopes_supported":${nested}}` },
  }),
  "scopes without an end": ({ href, origin }) => ({
    metadata: {
      json: {
        resource: href,
        authorization_servers: [origin],
        scopes_supported: Array.from({ length: 60_000 }, (_, index) => `scope-${index}`),
      },
    },
  }),
  "keys of algorithms that there are not": () => ({
    keys: { json: { keys: [{ kty: "RSA", alg: "RS999", kid: uncallable }] } },
  }),
  "keys of an algorithm that every object has": () => ({
    keys: { json: { keys: [{ kty: "EC", alg: "constructor", kid: "x".repeat(500_000) }] } },
  }),
};

describe("a server that lies", () => {
  it.each(Object.keys(documents))(
    verifies("authsuite.hostile", "brings no more than a report about: %s"),
    async (what) => {
      const { target } = await start(documents[what] ?? (() => ({})));
      const report = await runSuite({ target, timeout: 2_000, skip: ["limits"] });
      const text = textReport(report, { colour: false });
      const json = jsonReport(report);
      expect(text).not.toMatch(dangerous);
      expect(json).toMatch(/^[\n\x20-\x7e]*$/);
      expect(JSON.parse(json)).toMatchObject({ exitCode: exitCodeOf(report) });
      expect(text.length).toBeLessThan(100_000);
    },
  );
});

describe("the token", () => {
  it(verifies("authsuite.token-stays", "goes to no server that the first one names"), async () => {
    const elsewhere = await start(() => ({}));
    const { target, token, requests } = await start(({ href }) => ({
      challenge: `Bearer resource_metadata="${elsewhere.target.origin}/.well-known/oauth-protected-resource"`,
      metadata: { json: { resource: href, authorization_servers: [elsewhere.target.origin] } },
    }));
    await runSuite({ target, token, timeout: 2_000, skip: ["limits"] });
    expect(requests.some(({ authorization }) => authorization === `Bearer ${token}`)).toBe(true);
    expect(elsewhere.requests.length).toBeGreaterThan(0);
    for (const { path, authorization } of elsewhere.requests) {
      expect([path, authorization]).toEqual([expect.not.stringContaining(token), undefined]);
    }
  });

  it(
    verifies("authsuite.token-stays", "does not go over plain http to another machine"),
    async () => {
      const target = new URL("http://mcp.invalid/mcp");
      await expect(runSuite({ target, token: "given" })).rejects.toThrow(
        /^Over plain http .* give an https URL\.$/,
      );
    },
  );

  it.each([
    ["behind a name", (token: string) => `error_description=${token}`],
    ["cut off, within a word", (token: string) => `x${token.slice(0, 60)}x`],
    ["its end alone", (token: string) => `sig=${token.slice(-40)}`],
  ])(verifies("authsuite.no-secrets", "stands in no report, repeated %s"), async (_, repeat) => {
    const { target, token } = await start(() => ({
      results: {
        "tools/list": (response) => {
          const sent = String(response.req.headers.authorization).replace(/^bearer /i, "");
          response.writeHead(500).end(repeat(sent));
        },
      },
    }));
    const report = await runSuite({ target, token, timeout: 2_000, skip: ["limits"] });
    for (const shown of [
      textReport(report, { colour: false, secrets: [token] }),
      jsonReport(report, [token]),
    ]) {
      expect(shown).not.toContain(token.slice(0, 20));
      expect(shown).not.toContain(token.slice(-20));
    }
  });
});

describe("an address that a server names", () => {
  const remote = new URL("https://mcp.contoso.example/mcp");
  const local = new URL("http://localhost:7071/mcp");

  it.each([
    "http://login.contoso.example/",
    "https://localhost/",
    "https://localhost./",
    "https://metadata.localhost/",
    "https://127.0.0.1:8443/",
    "https://0x7f.1/",
    "https://2130706433/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:169.254.169.254]/",
    "https://0.0.0.0/",
    "http://169.254.169.254/metadata/instance",
    "https://169.254.169.254/metadata/instance",
    "https://[fe80::1]/",
    "https://user:password@login.contoso.example/",
    "file:///etc/passwd",
    "data:application/json,{}",
    "no URL",
    null,
    { href: "https://login.contoso.example/" },
  ])(verifies(["authsuite.token-stays", "doctor.token-stays"], "is not asked: %s"), (named) => {
    expect(addressNamedBy(remote, named)).toBeUndefined();
  });

  it(verifies(["authsuite.token-stays", "doctor.token-stays"], "is asked elsewhere"), () => {
    for (const named of ["https://login.contoso.example/v2.0", "https://10.1.2.3/"]) {
      expect(addressNamedBy(remote, named)?.href).toBe(named);
    }
    expect(addressNamedBy(local, "http://127.0.0.1:43199/v2.0")?.port).toBe("43199");
    expect(addressNamedBy(local, "http://169.254.169.254/")).toBeUndefined();
  });
});

describe("what is left to check", () => {
  it(verifies("authsuite.exit-code", "is never nothing"), async () => {
    const { target } = await start(() => ({}));
    await expect(
      runSuite({ target, only: ["challenge.status"], skip: ["challenge"] }),
    ).rejects.toThrow("Nothing is left to check");
  });
});
