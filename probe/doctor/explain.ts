import { authorityErrors } from "../../src/downstream/authority-errors.ts";
import { signInErrors } from "./entra-errors.ts";

/** Where a code was met: the same one means something else to a client than to the server. */
export type Place = "sign-in" | "on-behalf-of";

export interface Meaning {
  readonly place: Place;
  readonly meaning: string;
  readonly remedy: string;
}

export interface Explanation {
  readonly code: string;
  /** None where the code is not known here. */
  readonly meanings: readonly Meaning[];
  /** Entra's own page on it. */
  readonly reference: string;
}

/**
 * The error codes of Entra in texts, each once, in their order: `AADSTS65001` anywhere in one, the
 * numbers of a response's `error_codes`, or a text of nothing but numbers.
 */
export function codesIn(...texts: readonly string[]): readonly string[] {
  return [...new Set(texts.flatMap(numbersIn).map((number) => `AADSTS${number}`))];
}

function numbersIn(text: string): readonly string[] {
  if (/^[\d\s,;]+$/.test(text)) return text.match(/\d+/g) ?? [];
  const lists = [...text.matchAll(/error_codes\\?"\s*:\s*\[([\d\s,]+)\]/g)];
  return [
    ...[...text.matchAll(/AADSTS[ :]?(\d{4,9})/gi)].map(([, number]) => String(number)),
    ...lists.flatMap(([, list]) => String(list).match(/\d+/g) ?? []),
  ];
}

/** What a code means at sign-in, and in the server's on-behalf-of exchange. */
export function explainCode(code: string): Explanation {
  const find = (place: Place, errors: typeof signInErrors): Meaning[] =>
    errors
      .filter((error) => error.code === code)
      .map(({ meaning, remedy }) => ({ place, meaning, remedy }));
  return {
    code,
    meanings: [...find("sign-in", signInErrors), ...find("on-behalf-of", authorityErrors)],
    reference: `https://login.microsoftonline.com/error?code=${code.replace("AADSTS", "")}`,
  };
}

/** 0: all are known. 1: some are not. */
export function exitCodeOfExplanations(explanations: readonly Explanation[]): 0 | 1 {
  return explanations.some(({ meanings }) => meanings.length === 0) ? 1 : 0;
}
