import { expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { runCommand, startStack, temporaryFolder } from "../../support/stack.ts";

interface ReportedCheck {
  readonly outcome: string;
}

it(
  verifies(
    ["authsuite.laptop", "authsuite.gateway", "authsuite.json", "authsuite.exit-code"],
    "finds nothing wrong with the laptop stack, whose signing key it has, and its gateway",
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

      const gateway = [stack.gateway, ...laptop, "--skip=forged,limits", "--json"];
      const ofGateway = await runCommand("probe/authsuite/main.ts", gateway);
      expect(ofGateway).toMatchObject({ code: 0, stderr: "" });
      const found = JSON.parse(ofGateway.stdout);
      const notPassed: { why: string }[] = found.checks.filter(
        ({ outcome }: ReportedCheck) => outcome !== "pass",
      );
      expect(found).toMatchObject({ target: stack.gateway, given: { token: true } });
      for (const { why } of notPassed) expect(why).toMatch(/--signing-key|--expired|--profile/);
    } finally {
      await stack.stop();
    }
  },
);
