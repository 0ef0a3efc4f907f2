import { afterEach, describe, expect, it } from "vitest";
import { jsonReport, textReport } from "../../../probe/authsuite/report.ts";
import { runSuite } from "../../../probe/authsuite/suite.ts";
import { exitCodeOf } from "../../../probe/shared/report.ts";
import { verifies } from "../../requirements.ts";
import { type HostileServer, type Lies, startHostileServer } from "../shared/hostile-server.ts";
import { dangerous, lies, repetitions } from "../shared/lies.ts";

const servers: HostileServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(told: (self: URL) => Lies): Promise<HostileServer> {
  const server = await startHostileServer(told);
  servers.push(server);
  return server;
}

describe("a server that lies", () => {
  it.each(Object.entries(lies))(
    verifies("authsuite.hostile", "brings no more than a report about: %s"),
    async (_, told) => {
      const { target } = await start(told);
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

  it(verifies("authsuite.token-stays", "does not go over http to another machine"), async () => {
    const target = new URL("http://mcp.invalid/mcp");
    await expect(runSuite({ target, token: "given" })).rejects.toThrow(
      /^Over plain http .* give an https URL\.$/,
    );
  });

  it.each(repetitions)(verifies("authsuite.no-secrets", "is not shown %s"), async (_, repeat) => {
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

describe("what is left to check", () => {
  it(verifies("authsuite.exit-code", "is never nothing"), async () => {
    const { target } = await start(() => ({}));
    await expect(
      runSuite({ target, only: ["challenge.status"], skip: ["challenge"] }),
    ).rejects.toThrow("Nothing is left to check");
  });
});
