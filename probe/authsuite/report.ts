import { styleText } from "node:util";
import { excerpt } from "../shared/exchange.ts";
import { conceal } from "../shared/report.ts";
import type { CheckResult, Report } from "./suite.ts";
import { type Summary, summarise } from "./suite.ts";

type Style = Parameters<typeof styleText>[0];

/** What a server says may be long, and may try to write elsewhere on a terminal. */
const lineLength = 600;

export interface TextOptions {
  readonly colour: boolean;
  /** What must not stand in a report. */
  readonly secrets?: readonly string[];
}

const marks = {
  pass: ["pass", "green"],
  fail: ["FAIL", "red"],
  "not-applicable": ["n/a ", "dim"],
  undecided: ["??? ", "yellow"],
} as const satisfies Record<CheckResult["outcome"]["kind"], readonly [string, Style]>;

/** A report for people: by group, a line for each check, and what is wrong below it. */
export function textReport(report: Report, { colour, secrets = [] }: TextOptions): string {
  const paint = (style: Style, text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text;

  const ids = report.groups.flatMap(({ results }) => results.map(({ check }) => check.id));
  const width = Math.max(...ids.map(({ length }) => length));
  const lines = [paint("bold", `Authorization checks of ${report.target}`), ...headLines(report)];
  for (const { group, results } of report.groups) {
    lines.push("", paint("bold", group.title));
    for (const { check, outcome } of results) {
      const [mark, style] = marks[outcome.kind];
      lines.push(`  ${paint(style, mark)} ${check.id.padEnd(width)} ${check.title}`);
      if (outcome.kind === "fail") {
        const { name, url } = check.source;
        lines.push(
          `         sent      ${excerpt(outcome.sent, lineLength)}`,
          `         expected  ${excerpt(outcome.expected, lineLength)}`,
          `         got       ${excerpt(outcome.got, lineLength)}`,
          `         source    ${name} (${check.severity}): ${url}`,
        );
      } else if (outcome.kind !== "pass") {
        lines.push(paint("dim", `         ${excerpt(outcome.why, lineLength)}`));
      }
    }
  }
  const summary = summarise(report);
  const style: Style = summary.failed > 0 ? "red" : summary.undecided > 0 ? "yellow" : "green";
  lines.push("", paint(style, summaryLine(summary, report)));
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

function summaryLine(summary: Summary, { requests, milliseconds }: Report): string {
  const { failed, failedMust } = summary;
  const kinds = failed === 0 ? "" : ` (${failedMust} must, ${failed - failedMust} should)`;
  const findings = `${failed} ${failed === 1 ? "finding" : "findings"}${kinds}`;
  const counts = [
    `${summary.passed} passed`,
    findings,
    `${summary.undecided} could not be judged`,
    `${summary.notApplicable} not applicable`,
  ];
  return `${counts.join(", ")} (${requests} requests in ${(milliseconds / 1000).toFixed(1)} s)`;
}
