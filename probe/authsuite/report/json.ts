import { conceal, plainJson } from "../../shared/report.ts";
import { exitCodeOf, type Report, summarise } from "../suite.ts";

/**
 * A report for programs: one JSON document, of the shape that docs/authsuite.md describes.
 *
 * @param secrets what must not stand in it
 */
export function jsonReport(report: Report, secrets: readonly string[] = []): string {
  const { groups, ...head } = report;
  const summary = summarise(report);
  const checks = groups.flatMap(({ group, results }) =>
    results.map(({ check, outcome }) => {
      const { id, title, severity, needs, source } = check;
      const { kind, ...details } = outcome;
      return { id, group: group.name, title, severity, needs, source, outcome: kind, ...details };
    }),
  );
  const document = { ...head, summary, exitCode: exitCodeOf(summary), checks };
  return plainJson(document, (text) => conceal(text, secrets));
}
