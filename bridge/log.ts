/** What the bridge tells the person who runs it, on standard error: standard output is the client's. */
export interface BridgeLog {
  /** What the person should read: a page to open, a trouble. One or more whole sentences. */
  say(words: string): void;
  /** What happens, line by line; shown with `--verbose` alone. */
  detail(words: string): void;
}

/** Three parts of base64url with dots between them: a token, or enough of one. */
const tokenLike = /(?<![\w-])[\w-]{16,}\.[\w-]{16,}\.[\w-]*/g;
const credentials = /\bBearer\s+[\w.~+/=-]+/gi;
const lineEnd = /[\r\n\u0085\u2028\u2029]/g;
/** Control characters, and those that are not seen or that reorder what is. */
const unprintable = /[\p{Cc}\p{Cf}]/gu;
/** Characters of one message: more than any sentence of the bridge's takes. */
const longest = 4096;

/**
 * A text on one line, without what looks like a token, and without characters that command a terminal
 * or are not seen. What is too long is cut.
 */
export function printable(text: string): string {
  // At a blank, which no token has, so that no piece of one remains.
  const end = text.length <= longest ? text.length : Math.max(text.lastIndexOf(" ", longest), 0);
  const line = text
    .slice(0, end)
    .replace(tokenLike, "[token]")
    .replace(credentials, "Bearer [token]")
    .replace(lineEnd, " ")
    .replace(unprintable, "?");
  return end < text.length ? `${line}…` : line;
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
