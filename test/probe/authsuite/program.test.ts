import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../../probe/authsuite/check.ts";
import { groups } from "../../../probe/authsuite/checks.ts";
import { verifies } from "../../requirements.ts";
import { temporaryFolder } from "../../support/stack.ts";
import { root, runProbe } from "../shared/run-probe.ts";
import type { Defect } from "./defects.ts";
import { startWeakenedServer, type WeakenedServer } from "./weakened-server.ts";

/** Runs the program, told everything, against a server whose keys are of the kind that Entra's are. */
async function examine(defects: readonly Defect[]) {
  await using folder = await temporaryFolder();
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const signingKey = await exportJWK(privateKey);
  const keyFile = join(folder.path, "key.json");
  await writeFile(keyFile, JSON.stringify(signingKey));
  const server: WeakenedServer = await startWeakenedServer({ signingKey, defects });
  try {
    const args = [
      server.target.href,
      "--token=-",
      `--expired-token=${server.expiredToken}`,
      `--signing-key=${keyFile}`,
      `--origin=${server.allowedOrigin}`,
      `--body-limit=${server.bodyLimit}`,
      "--profile=entra",
    ];
    return { server, ...(await runProbe("authsuite", args, { input: `${server.token}\n` })) };
  } finally {
    await server.close();
  }
}

describe("npm run authsuite", () => {
  it(
    verifies(
      ["authsuite.clean", "authsuite.exit-code", "authsuite.no-secrets"],
      "ends with 0 where everything passes, and shows no token",
    ),
    async () => {
      const { server, code, stdout, stderr } = await examine([]);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(/\n\d+ passed, 0 findings, 0 could not be judged, 0 not applicable/);
      // No terminal, no colour.
      expect(stdout).not.toContain("\u001b");
      expect(stdout).not.toContain(server.token);
      expect(stdout).not.toContain(server.expiredToken);
    },
  );

  it(
    verifies(
      ["authsuite.report", "authsuite.exit-code", "authsuite.no-secrets"],
      "ends with 1 where there are findings, and shows no token even if the server does",
    ),
    async () => {
      const { server, code, stdout } = await examine([
        "echoes-token",
        "no-challenge",
        "resource-with-slash",
      ]);
      expect(code).toBe(1);
      expect(stdout).toContain(`\
         expected  resource "${server.target}"
         got       resource "${server.target}/"
         source    RFC 9728 section 3.3 (must): https://www.rfc-editor.org/rfc/rfc9728#section-3.3`);
      expect(stdout).not.toContain(server.token);
      expect(stdout).not.toContain(server.token.split(".")[2]);
    },
  );

  it(verifies("authsuite.cannot-run", "says why it cannot run, and ends with 2"), async () => {
    expect(await runProbe("authsuite", ["http://127.0.0.1:1/mcp"])).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "http://127.0.0.1:1/mcp: no answer (ECONNREFUSED). Nothing listens there: does the server run, and is the port right?\n",
    });
  });
});

describe("the list of checks", () => {
  it(verifies("authsuite.documented", "has the groups, and what each check needs"), async () => {
    const page = await readFile(join(root, "docs", "authsuite.md"), "utf8");
    expect(page).toContain("(../probe/authsuite/checks.md)");
    const { stdout } = await runProbe("authsuite", ["--list"]);
    expect(stdout).toBe(`${catalogue}\n`);
    const titles = [...catalogue.matchAll(/^### (.*)$/gm)].map(([, title]) => title);
    expect(titles).toEqual(groups.map(({ title }) => title));
    const listed = [...catalogue.matchAll(/ \| (?:must|should) \| (.*)\|$/gm)];
    const needed = groups.flatMap(({ checks }) =>
      checks.map(({ needs, entraOnly }) =>
        [needs, entraOnly && "Entra"].filter(Boolean).join(", "),
      ),
    );
    expect(listed.map(([, needs]) => needs?.trim())).toEqual(needed);
  });
});
