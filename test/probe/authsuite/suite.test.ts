import type { JsonWebKey } from "node:crypto";
import { exportJWK, generateKeyPair } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { findLaptop } from "../../../probe/authsuite/laptop.ts";
import { type Report, runSuite, summarise } from "../../../probe/authsuite/suite.ts";
import { CannotRun } from "../../../probe/shared/command-line.ts";
import { exitCodeOf } from "../../../probe/shared/report.ts";
import { verifies } from "../../requirements.ts";
import { temporaryFolder } from "../../support/stack.ts";
import {
  startWeakenedServer,
  type WeakenedServer,
  type WeakenedServerOptions,
} from "./weakened-server.ts";

let signingKey: JsonWebKey;
let otherKey: JsonWebKey;

async function makeKey(): Promise<JsonWebKey> {
  return exportJWK((await generateKeyPair("ES256", { extractable: true })).privateKey);
}

beforeAll(async () => {
  [signingKey, otherKey] = await Promise.all([makeKey(), makeKey()]);
});

async function withServer<Value>(
  options: Omit<WeakenedServerOptions, "signingKey">,
  use: (server: WeakenedServer) => Promise<Value>,
): Promise<Value> {
  const server = await startWeakenedServer({ signingKey, ...options });
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}

/** What came of each check. */
function outcomesOf(report: Report): Record<string, string> {
  const results = report.groups.flatMap((group) => group.results);
  return Object.fromEntries(results.map(({ check, outcome }) => [check.id, outcome.kind]));
}

describe("a run", () => {
  it(verifies("authsuite.any-server", "needs a URL alone, and assumes no Entra"), async () => {
    const report = await withServer({}, ({ target }) => runSuite({ target }));
    expect(report.profile).toBe("generic");
    expect(report.given).toEqual({ token: false, key: false, origin: false });
    const summary = summarise(report);
    expect([exitCodeOf(report), summary.failed, summary.undecided]).toEqual([0, 0, 0]);
    expect(summary.passed).toBeGreaterThan(60);
    const reasons = report.groups
      .flatMap(({ results }) => results)
      .flatMap(({ outcome }) => (outcome.kind === "not-applicable" ? [outcome.why] : []));
    expect([...new Set(reasons)].sort()).toEqual([
      "needs a good token (--token)",
      "needs an expired token (--expired-token)",
      "needs an origin that the server allows (--origin)",
      "the authority is not Microsoft Entra (--profile entra)",
    ]);
  });

  it(verifies("authsuite.any-server", "tokenless, finds what lets forged ones in"), async () => {
    // What the audience has to be, only a token says; without one it can but be guessed.
    const defects = ["accepts-none", "trusts-jku", "ignores-audience", "foreign-origin"] as const;
    const report = await withServer({ defects }, ({ target }) => runSuite({ target }));
    const failed = Object.entries(outcomesOf(report)).filter(([, kind]) => kind === "fail");
    expect(failed.map(([id]) => id).sort()).toEqual([
      "afterwards.nothing-fetched",
      "forged.jku",
      "forged.none",
      "origin.foreign",
      "origin.foreign-preflight",
    ]);
  });

  it("can leave a group or a check out", async () => {
    const skip = ["limits", "methods.get"];
    const report = await withServer({}, ({ target, token }) => runSuite({ target, token, skip }));
    const ids = Object.keys(outcomesOf(report));
    expect(ids.filter((id) => /^limits\.|^methods\.get$/.test(id))).toEqual([]);
    expect(ids).toContain("methods.get-authenticated");
  });

  it("can be of a group or a check alone", async () => {
    const only = ["credentials", "methods.get"];
    const report = await withServer({ defects: ["any-scheme", "no-allow"] }, (server) =>
      runSuite({ target: server.target, token: server.token, only }),
    );
    const outcomes = outcomesOf(report);
    expect(outcomes).toMatchObject({
      "credentials.other-scheme": "fail",
      "credentials.query": "pass",
      "methods.get": "pass",
    });
    expect(Object.keys(outcomes).every((id) => /^credentials\.|^methods\.get$/.test(id))).toBe(
      true,
    );
  });

  it(
    verifies(
      ["authsuite.rate-limited", "authsuite.exit-code"],
      "takes nothing for passed where the server limits requests",
    ),
    async () => {
      const report = await withServer({ requestLimit: 30 }, (server) =>
        runSuite({ target: server.target, token: server.token, signingKey, profile: "entra" }),
      );
      expect(outcomesOf(report)).toMatchObject({
        "metadata.path": "pass",
        "forged.none": "undecided",
        "signed.audience": "undecided",
        "limits.body": "undecided",
        "afterwards.good-token": "undecided",
      });
      const summary = summarise(report);
      expect([exitCodeOf(report), summary.failed]).toEqual([2, 0]);
    },
  );
});

describe("a run that would show nothing", () => {
  it(verifies("authsuite.cannot-run", "says why, and what to look at"), async () => {
    await withServer({}, async ({ target, token, expiredToken }) => {
      const attempts: [options: Partial<Parameters<typeof runSuite>[0]>, words: RegExp][] = [
        [
          { target: new URL("http://127.0.0.1:1/mcp") },
          /no answer \(ECONNREFUSED\)\. Nothing listens/,
        ],
        [{ target: new URL("/nowhere", target) }, /seems to be no MCP endpoint: it answers 404/],
        [{ target: new URL("/page", target) }, /seems to be no MCP endpoint: it answers 200/],
        [{ token: expiredToken }, /^The server accepts neither .* has it expired\?$/],
        [{ token, signingKey: otherKey }, /^The server refuses .* Is it the authority's key\?$/],
        [{ token, signingKey: { kty: "EC", d: "none" } }, /is no private JWK that can sign ES256/],
        [{ signingKey }, /^A signing key needs a good token beside it/],
        [{ only: ["everything"] }, /^There is no group and no check everything\./],
        [{ skip: ["nothing"] }, /^There is no group and no check nothing\./],
      ];
      for (const [options, words] of attempts) {
        const attempt = runSuite({ target, ...options });
        await expect(attempt).rejects.toThrow(CannotRun);
        await expect(attempt).rejects.toThrow(words);
      }
    });
    await withServer({ requestLimit: 0 }, async ({ target }) => {
      await expect(runSuite({ target })).rejects.toThrow("limits requests already (429)");
    });
  });

  it(verifies("authsuite.cannot-run", "says how to start the laptop stack"), async () => {
    await using folder = await temporaryFolder();
    const dataFolder = folder.path;
    await expect(findLaptop({ port: undefined, dataFolder })).rejects.toThrow(
      "No laptop stack is running. Start one in another terminal: npm start",
    );
    await expect(findLaptop({ port: 7071, dataFolder })).rejects.toThrow(
      "No laptop stack is running at port 7071.",
    );
  });
});
