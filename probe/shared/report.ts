import { styleText } from "node:util";

interface Named {
  readonly id: string;
  readonly title: string;
}

/** What became of a run: the checks by group, each with what came of it. */
export interface Results<Check extends Named, Outcome extends { readonly kind: string }> {
  readonly target: string;
  readonly groups: readonly {
    readonly group: { readonly name: string; readonly title: string };
    readonly results: readonly { readonly check: Check; readonly outcome: Outcome }[];
  }[];
  readonly requests: number;
  readonly milliseconds: number;
}

type AnyResults = Results<Named, { readonly kind: string }>;

/** How many checks came out that way. */
export function countOf(report: AnyResults, kind: string): number {
  return kindsOf(report).filter((found) => found === kind).length;
}

/** 0: nothing is wrong. 1: there are findings. 2: something, or everything, could not be judged. */
export function exitCodeOf(report: AnyResults): 0 | 1 | 2 {
  const kinds = kindsOf(report);
  if (kinds.includes("fail") || kinds.includes("finding")) return 1;
  const nothing = kinds.every((kind) => kind === "not-applicable");
  return nothing || kinds.includes("undecided") ? 2 : 0;
}

function kindsOf({ groups }: AnyResults): readonly string[] {
  return groups.flatMap(({ results }) => results.map(({ outcome }) => outcome.kind));
}

/** How much was done: `(12 requests in 1.2 s)`. */
export function effortOf(report: { readonly requests: number; readonly milliseconds: number }) {
  return `(${report.requests} requests in ${(report.milliseconds / 1000).toFixed(1)} s)`;
}

type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

export interface TextOptions {
  readonly colour: boolean;
  /** What must not stand in the report. */
  readonly secrets?: readonly string[];
}

export function painter(colour: boolean): Paint {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
}

/**
 * A report for programs: one JSON document with what the run says of itself, `more`, and every check.
 *
 * @param detailsOf what there is to say of a check, beside its id and title
 * @param secrets what must not stand in it
 */
export function jsonReportOf<Check extends Named, Outcome extends { readonly kind: string }>(
  report: Results<Check, Outcome>,
  more: object,
  detailsOf: (check: Check) => object,
  secrets: readonly string[],
): string {
  const { groups, ...head } = report;
  const checks = groups.flatMap(({ group, results }) =>
    results.map(({ check, outcome: { kind, ...found } }) => {
      const { id, title } = check;
      return { id, group: group.name, title, ...detailsOf(check), outcome: kind, ...found };
    }),
  );
  return plainJson({ ...head, ...more, exitCode: exitCodeOf(report), checks }, secrets);
}

/** JSON in printable ASCII alone, so that it can be looked at on a terminal, too. */
function plainJson(document: unknown, secrets: readonly string[]): string {
  const present = (_name: string, member: unknown) =>
    typeof member === "string" ? conceal(member, secrets) : member;
  return JSON.stringify(document, present, 2).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** No report needs longer texts, in characters. */
const longest = 2_000;

/** Control, format, private and unassigned characters, surrogates, and separators of lines. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Makes a stranger's text safe for a terminal: no control characters, and not too long. */
export function plain(text: string): string {
  const shown = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return shown.replace(unprintable, "?");
}

/** Shorter texts could occur anywhere by chance. */
const shortest = 16;

/**
 * A text without the secrets, or any longer piece of them, whatever they stand next to: reports end up
 * in logs and tickets, and what a server repeats may be a token that works.
 */
export function conceal(text: string, secrets: readonly string[]): string {
  const pieces = new Set(secrets.flatMap(piecesOf));
  if (pieces.size === 0) return text;
  let concealed = "";
  let shownUpTo = 0;
  for (let start = 0; start + shortest <= text.length; start += 1) {
    if (!pieces.has(text.slice(start, start + shortest))) continue;
    let end = start + shortest;
    while (end < text.length && pieces.has(text.slice(end + 1 - shortest, end + 1))) end += 1;
    concealed += `${text.slice(shownUpTo, start)}<token>`;
    shownUpTo = end;
    start = end - 1;
  }
  return concealed + text.slice(shownUpTo);
}

function piecesOf(secret: string): string[] {
  const count = Math.max(0, secret.length - shortest + 1);
  return Array.from({ length: count }, (_, start) => secret.slice(start, start + shortest));
}
