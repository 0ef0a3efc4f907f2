import type { Report } from "./report.ts";

/** What makes a run's figures worth nothing: the scenarios that were answered wrongly. */
export function problemsOf({ measurements }: Report): string[] {
  return measurements
    .filter(({ errors }) => errors > 0)
    .map(
      ({ name, errors, answers, firstError }) =>
        `${name}: ${errors} of ${answers} answers were wrong, the first: ${firstError}`,
    );
}
