import { plainJson } from "../../shared/report.ts";
import { exitCodeOf, findingsOf, type Report, summarise } from "../examination.ts";
import { type Explanation, exitCodeOfExplanations } from "../explain.ts";
import { conceal } from "./conceal.ts";

/**
 * A report for programs: one JSON document, of the shape that docs/doctor.md describes.
 *
 * @param token what must not stand in it
 */
export function jsonReport(report: Report, token?: string): string {
  const { groups, ...head } = report;
  const summary = summarise(report);
  const checks = groups.flatMap(({ group, results }) =>
    results.map(({ check: { id, title }, outcome: { kind, ...details } }) => {
      return { id, group: group.name, title, outcome: kind, ...details };
    }),
  );
  const document = {
    ...head,
    first: findingsOf(report)[0]?.id ?? null,
    summary,
    exitCode: exitCodeOf(summary),
    checks,
  };
  return plainJson(document, (text) => conceal(text, token));
}

export function jsonExplanations(explanations: readonly Explanation[]): string {
  const exitCode = exitCodeOfExplanations(explanations);
  return JSON.stringify({ exitCode, explanations }, null, 2);
}
