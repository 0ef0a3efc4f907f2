import { expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { runCommand, startStack, temporaryFolder } from "../support/stack.ts";

interface ReportedCheck {
  readonly id: string;
  readonly outcome: string;
  readonly why?: string;
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
      const people = await runCommand("authsuite/main.ts", laptop);
      expect(people.stdout).toContain("good token given, authority's key given");
      expect(people.stdout.split("\n").filter((line) => /^ {2}(?:FAIL|\?\?\?)/.test(line))).toEqual(
        [],
      );
      expect([people.code, people.stderr]).toEqual([0, ""]);

      const programs = await runCommand("authsuite/main.ts", [...laptop, "--json"]);
      expect([programs.code, programs.stderr]).toEqual([0, ""]);
      const report = JSON.parse(programs.stdout);
      expect(report).toMatchObject({
        target: stack.mcp,
        profile: "entra",
        issuers: [stack.authority],
        summary: { failed: 0, undecided: 0 },
      });
      const checks: ReportedCheck[] = report.checks;
      const left = checks.filter(({ outcome }) => outcome !== "pass");
      expect(left.map(({ id, why }) => [id, why])).toEqual([
        ["altered.expired", "needs an expired token (--expired-token)"],
      ]);
    } finally {
      await stack.stop();
    }
  },
);
