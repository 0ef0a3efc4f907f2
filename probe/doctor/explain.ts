import { readFileSync } from "node:fs";

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

const table = readFileSync(new URL("entra-errors.md", import.meta.url), "utf8");
const row = /^\| (AADSTS\d+) \| (sign-in|on-behalf-of|both) \| ([^|]+) \| ([^|]+) \|$/gm;

/** The rows of entra-errors.md: each code with its meanings, that at sign-in first. */
export const meaningsByCode: ReadonlyMap<string, readonly Meaning[]> = Map.groupBy(
  [...table.matchAll(row)].flatMap(([, code = "", where, meaning = "", remedy = ""]) =>
    (["sign-in", "on-behalf-of"] as const)
      .filter((place) => where === "both" || where === place)
      .map((place) => ({ code, place, meaning, remedy })),
  ),
  ({ code }) => code,
);

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
  const meanings = meaningsByCode.get(code) ?? [];
  return {
    code,
    meanings: meanings.map(({ place, meaning, remedy }) => ({ place, meaning, remedy })),
    reference: `https://login.microsoftonline.com/error?code=${code.replace("AADSTS", "")}`,
  };
}

/** 0: all are known. 1: some are not. */
export function exitCodeOfExplanations(explanations: readonly Explanation[]): 0 | 1 {
  return explanations.some(({ meanings }) => meanings.length === 0) ? 1 : 0;
}
