import { excerpt } from "../shared/exchange.ts";
import { conceal, effortOf, jsonReportOf, painter, type TextOptions } from "../shared/report.ts";
import type { Check, Outcome } from "./check.ts";
import { type Report, type Summary, summarise } from "./suite.ts";

/** What a server says may be long, and may try to write elsewhere on a terminal. */
const lineLength = 600;

const marks = {
  pass: ["pass", "green"],
  fail: ["FAIL", "red"],
  "not-applicable": ["n/a ", "dim"],
  undecided: ["??? ", "yellow"],
} as const satisfies Record<Outcome["kind"], readonly [string, string]>;

/** A report for people: by group, a line for each check, and what is wrong below it. */
export function textReport(report: Report, { colour, secrets = [] }: TextOptions): string {
  const paint = painter(colour);
  const ids = report.groups.flatMap(({ results }) => results.map(({ check }) => check.id));
  const width = Math.max(...ids.map(({ length }) => length));
  const lines = [paint("bold", `Authorization checks of ${report.target}`), ...headLines(report)];
  for (const { group, results } of report.groups) {
    lines.push("", paint("bold", group.title));
    for (const { check, outcome } of results) {
      const [mark, style] = marks[outcome.kind];
      lines.push(`  ${paint(style, mark)} ${check.id.padEnd(width)} ${check.title}`);
      if (outcome.kind === "fail") {
        const { severity, source } = check;
        lines.push(
          `         sent      ${excerpt(outcome.sent, lineLength)}`,
          `         expected  ${excerpt(outcome.expected, lineLength)}`,
          `         got       ${excerpt(outcome.got, lineLength)}`,
          `         source    ${source.name} (${severity}): ${source.url}`,
        );
      } else if (outcome.kind !== "pass") {
        lines.push(paint("dim", `         ${excerpt(outcome.why, lineLength)}`));
      }
    }
  }
  const summary = summarise(report);
  const style = summary.failed > 0 ? "red" : summary.undecided > 0 ? "yellow" : "green";
  lines.push("", paint(style, `${summaryLine(summary)} ${effortOf(report)}`));
  return conceal(lines.join("\n"), secrets);
}

function headLines({ issuers, profile, given }: Report): string[] {
  const yes = (is: boolean) => (is ? "given" : "none");
  return [
    `  authorization server  ${excerpt(issuers.join(", "), lineLength) || "none found"}`,
    `  profile               ${profile}`,
    `  good token ${yes(given.token)}, authority's key ${yes(given.key)}, allowed origin ${yes(given.origin)}`,
  ];
}

function summaryLine({ passed, failed, failedMust, undecided, notApplicable }: Summary): string {
  const kinds = failed === 0 ? "" : ` (${failedMust} must, ${failed - failedMust} should)`;
  const findings = `${failed} ${failed === 1 ? "finding" : "findings"}${kinds}`;
  return `${passed} passed, ${findings}, ${undecided} could not be judged, ${notApplicable} not applicable`;
}

/** A report for programs, of the shape that docs/authsuite.md describes. */
export function jsonReport(report: Report, secrets: readonly string[] = []): string {
  return jsonReportOf(report, { summary: summarise(report) }, detailsOf, secrets);
}

function detailsOf({ severity, needs, source }: Check): object {
  return { severity, needs: needs ?? "nothing", source };
}
