import { afterAll, beforeAll, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { type HostileServer, startHostileServer } from "./hostile-server.ts";
import { runProbe } from "./run-probe.ts";

let server: HostileServer;

/** Repeats what the token is made of, between bytes that are commands to a terminal. */
beforeAll(async () => {
  server = await startHostileServer(() => ({
    results: {
      initialize: (response) => {
        const token = String(response.req.headers.authorization).replace(/^bearer /i, "");
        response.writeHead(500, {
          "www-authenticate": `Bearer error="${token.slice(0, 99)}\u009b2J"`,
        });
        response.end(`\u009b31m\u001b[2Jn${token.slice(10)}n`);
      },
      "server/discover": { text: "\u001b]0;evil\u0007" },
    },
  }));
});
afterAll(() => server.close());

it.each([
  ["doctor", []],
  ["doctor", ["--json"]],
  ["authsuite", []],
  ["authsuite", ["--json"]],
] as const)(
  verifies(
    ["doctor.hostile", "doctor.no-secrets", "authsuite.hostile", "authsuite.no-secrets"],
    "%s prints no piece of the token and no command, with %j",
  ),
  async (program, options) => {
    const { token, target } = server;
    const args = [target.href, "--token=-", ...options];
    const { code, stdout, stderr } = await runProbe(program, args, { input: token });
    const printed = stdout + stderr;
    expect(printed).toContain("<token>");
    for (let start = 0; start + 16 <= token.length; start += 1) {
      expect(printed).not.toContain(token.slice(start, start + 16));
    }
    expect(printed).not.toMatch(/[^\P{C}\n]/u);
    expect(code).toBe(program === "doctor" ? 1 : 2);
    if (options.length > 0 && stdout !== "") expect(JSON.parse(stdout).exitCode).toBe(code);
  },
);

it(verifies("doctor.hostile", "repeats nothing of a text to explain but its codes"), async () => {
  const pasted = `AADSTS65001\u001b[2J \u202e AADSTS\u009b31m "error_codes":[7000215,\u0007 ${"9".repeat(99)}]`;
  const { stdout, stderr } = await runProbe("doctor", ["--explain", "-"], {
    input: pasted.repeat(1_000),
  });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^AADSTS65001\n/);
  expect(stdout).not.toMatch(/[^\P{C}\n]/u);
  expect(stdout.length).toBeLessThan(5_000);
});
