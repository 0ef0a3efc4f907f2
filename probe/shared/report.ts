/** More than any report has to say of one thing, and little enough to be read. */
const longest = 2_000;

/** Control, format, private and unassigned characters, surrogates, and separators of lines. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Text from a stranger, which may try to write elsewhere on a terminal, or without an end. */
export function plain(text: string): string {
  const shown = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return shown.replace(unprintable, "?");
}

/** JSON in printable ASCII alone, so that it can be looked at on a terminal, too. */
export function plainJson(value: unknown, present: (text: string) => string): string {
  const replace = (_name: string, member: unknown) =>
    typeof member === "string" ? present(member) : member;
  return JSON.stringify(value, replace, 2).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** What is shorter could be anywhere by chance. */
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
