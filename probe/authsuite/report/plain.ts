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
