import { expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { runCommand, startStack, temporaryFolder } from "../../support/stack.ts";

interface ReportedCheck {
  readonly outcome: string;
}

it(
  verifies(
    ["authsuite.laptop", "authsuite.json", "authsuite.exit-code"],
    "finds nothing wrong with the laptop stack, whose signing key it has",
  ),
  async () => {
    await using folder = await temporaryFolder();
    const stack = await startStack(folder.path);
    try {
      const laptop = ["--laptop", stack.port, "--data", folder.path];
      const programs = await runCommand("probe/authsuite/main.ts", [...laptop, "--json"]);
      const report = JSON.parse(programs.stdout);
      const checks: ReportedCheck[] = report.checks;
      expect(checks.filter(({ outcome }) => outcome !== "pass")).toEqual([
        expect.objectContaining({
          id: "altered.expired",
          why: "needs an expired token (--expired-token)",
        }),
      ]);
      expect(report).toMatchObject({
        target: stack.mcp,
        profile: "entra",
        issuers: [stack.authority],
        given: { token: true, key: true, origin: true },
        exitCode: 0,
      });
      expect([programs.code, programs.stderr]).toEqual([0, ""]);
    } finally {
      await stack.stop();
    }
  },
);
