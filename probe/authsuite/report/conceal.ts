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
