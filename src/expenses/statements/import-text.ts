import type { Quote } from "../../mcp/quote.ts";
import type { ImportOutput } from "./import-shapes.ts";

/** What became of a step of an import, as a person would read it. */
export function importText(output: ImportOutput, quote: Quote): string {
  const { state, next, notes = [] } = output;
  const lines = state === "checked" ? checkText(output, quote) : runText(output);
  return [...lines, ...(notes.length > 0 ? [quote(notes)] : []), next].join("\n");
}

function checkText(output: ImportOutput, quote: Quote): string[] {
  const { count, first = [], stored, equal, in_doubt: inDoubt, examples = [] } = output;
  const { decided_by: decidedBy } = output;
  const decision = decidedBy ? `; ${decidedBy.join(", ")} would decide` : "";
  const items = (texts: readonly string[]) => (texts.length > 0 ? [quote(texts)] : []);
  return [
    `${linesText(count)} would be added${sumsText(output)}`,
    ...items(first),
    ...(count > first.length ? [`and ${count - first.length} more`] : []),
    ...(stored ? [`Of these look like expenses stored before: ${stored}`] : []),
    ...(equal ? [`Of these say the same as a line above: ${equal}`] : []),
    ...(inDoubt ? [`In doubt, and not to be added: ${inDoubt}${decision}`] : []),
    ...items(examples),
  ];
}

function runText(output: ImportOutput): string[] {
  const { state, count, remaining, added_now: added = 0, already_there: there, left_out } = output;
  const outcome = state === "done" ? "Import finished" : "Import not finished";
  const parts = [
    `${added} added by this call`,
    ...(there === undefined ? [] : [`${there} had been added before and stay as they are`]),
    ...(left_out === undefined ? [] : [`${left_out} left out`]),
    ...(remaining === undefined ? [] : [`${remaining} to go`]),
  ];
  return [`${outcome}: ${linesText(count)} stored${sumsText(output)}`, `${parts.join(", ")}.`];
}

function sumsText({ sums }: ImportOutput): string {
  return sums.length === 0 ? "." : `: ${sums.join("; ")}.`;
}

function linesText(count: number): string {
  return count === 1 ? "1 line" : `${count} lines`;
}
