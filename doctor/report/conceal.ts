/** What is shorter could be anywhere by chance. */
const runs = /[\w.~+/=-]{16,}/g;

/**
 * A report without the token, or any piece of it: reports end up in logs and tickets, and what a
 * server repeats may be a token that works.
 */
export function conceal(report: string, token: string | undefined): string {
  if (token === undefined) return report;
  return report.replace(runs, (run) => (token.includes(run) ? "<token>" : run));
}
