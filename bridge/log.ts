/** What the bridge tells the person who runs it, on standard error: standard output is the client's. */
export interface BridgeLog {
  /** What the person should read: a page to open, a trouble. One or more whole sentences. */
  say(words: string): void;
  /** What happens, line by line; shown with `--verbose` alone. */
  detail(words: string): void;
}

/** Three parts of base64url with dots between them: a token, or enough of one. */
const tokenLike = /\b[\w-]{16,}\.[\w-]{16,}\.[\w-]*/g;
const credentials = /\bBearer\s+[\w.~+/=-]+/gi;
const unprintable = /[^\P{Cc}\n]|[\u2028\u2029]/gu;

/** A text without what looks like a token, and without characters that command a terminal. */
export function printable(text: string): string {
  return text
    .replace(tokenLike, "[token]")
    .replace(credentials, "Bearer [token]")
    .replace(unprintable, "?");
}

/** @param write takes whole lines */
export function createLog(
  write: (line: string) => void,
  { verbose }: { verbose: boolean },
): BridgeLog {
  const line = (words: string) => {
    const time = new Date().toISOString().slice(11, 19);
    write(`${time} bridge: ${printable(words)}\n`);
  };
  return { say: line, detail: verbose ? line : () => {} };
}
