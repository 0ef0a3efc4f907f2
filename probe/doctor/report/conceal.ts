import { conceal as concealAll } from "../../shared/report.ts";

/** A report, or a text in it, without the token or any piece of it. */
export function conceal(text: string, token: string | undefined): string {
  return concealAll(text, token === undefined ? [] : [token]);
}
