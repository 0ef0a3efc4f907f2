import type { IncomingHttpHeaders } from "node:http";
import { isObject, type JsonObject, parseJson } from "../../src/core/encoding.ts";
import { excerpt } from "../../src/core/log.ts";
import { printable } from "../log.ts";
import { remedyOf } from "../remedies.ts";

/** Why a request has no answer of the server's. */
export interface Trouble {
  /** For programs. */
  readonly reason:
    | "cancelled"
    | "sign-in"
    | "refused"
    | "session-lost"
    | "busy"
    | "unreachable"
    | "unknown-outcome"
    | "bad-answer"
    | "too-many-requests";
  /** What happened and what to do, in whole sentences. */
  readonly words: string;
}

export const cancelled: Trouble = { reason: "cancelled", words: "The request was cancelled." };

/** The server has been started anew, say; it has not acted on the request. */
export const sessionLost: Trouble = {
  reason: "session-lost",
  words: "The server has ended the session (404), and a new one too. Start the client again.",
};

/** @param code Node's or OpenSSL's */
export function unreachable(url: URL, code: string): Trouble {
  return {
    reason: "unreachable",
    words: `The server at ${url.host} cannot be reached (${code}). ${remedyOf(code)}`,
  };
}

const mayBeDone = "It may have been carried out: look before you repeat it.";

/** The connection broke while the server was at work. */
export function broken(what: string, code: string, isRepeatable: boolean): Trouble {
  const happened = `The connection to the server broke (${code}) before ${what} was answered.`;
  return isRepeatable
    ? { reason: "unreachable", words: `${happened} Try again.` }
    : { reason: "unknown-outcome", words: `${happened} ${mayBeDone}` };
}

export function badAnswer(what: string, words: string, isRepeatable: boolean): Trouble {
  return {
    reason: "bad-answer",
    words: `The server's answer to ${what} ${words}.${isRepeatable ? "" : ` ${mayBeDone}`}`,
  };
}

/** An HTTP answer that is no JSON-RPC message. */
export interface Refusal {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What an HTTP status means for whoever asked. */
export function refusedBy(
  url: URL,
  what: string,
  refusal: Refusal,
  { isRepeatable, now }: { readonly isRepeatable: boolean; readonly now: number },
): Trouble {
  const { status, headers, body } = refusal;
  const said = wordsIn(body);
  const wait = waitOf(headers["retry-after"], now);
  const tell = (reason: Trouble["reason"], ...sentences: string[]): Trouble => ({
    reason,
    words: sentences.filter((sentence) => sentence !== "").join(" "),
  });
  switch (status) {
    case 401:
      return tell(
        "refused",
        "The server refuses the access token, also after a new one (401).",
        said,
        skewWords(headers.date, now),
        // Not with the URL: somebody may give these words to a shell.
        "npm run doctor, with the URL, says what is wrong.",
      );
    case 403:
      return tell("refused", "The server lets this account or this program not in (403).", said);
    case 404:
      return tell(
        "refused",
        `There is no MCP server at ${url.href} (404). Is the path right?`,
        said,
      );
    case 405:
      return tell("refused", `${url.href} takes no messages (405). Is the path right?`, said);
    case 413:
      return tell("refused", "The message is too large for the server (413).", said);
    case 429:
      return tell("busy", `The server has had too many requests (429). Try again ${wait}.`);
    case 503:
      return tell(
        "busy",
        `The server is not available (503). Try again ${wait}.`,
        said,
        skewWords(headers.date, now),
      );
  }
  if (status >= 300 && status < 400) {
    const location = headers.location ?? "";
    const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    return tell(
      "refused",
      `The server redirects (${status})${target ? ` to ${target.origin}` : ""}, and the access token goes nowhere else. If that is its right address, give it with --url.`,
    );
  }
  if (status >= 500) {
    const answered = `The server failed at ${what} (${status}).`;
    return isRepeatable
      ? tell("bad-answer", answered, "Try again.", said)
      : tell("unknown-outcome", answered, mayBeDone, said);
  }
  return tell("refused", `The server refuses ${what} (${status}).`, said);
}

/** What the server says of its refusal, as OAuth and this project's server write it. */
function wordsIn(body: string): string {
  const json = parseJson(body);
  return isObject(json) ? saying(json.error_description ?? json.message) : "";
}

/** The server's own words, in quotes that they cannot end: what follows is the bridge's. */
function saying(said: unknown): string {
  if (typeof said !== "string" || said === "") return "";
  return `It says: "${printable(excerpt(said)).replaceAll('"', "'")}".`;
}

/** The server has answered `initialize` with an error. */
export function otherRevision({ message }: JsonObject): Trouble {
  const words = `The server does not speak this client's revision of MCP. ${saying(message)}`;
  return { reason: "refused", words: words.trim() };
}

/** The bridge itself has failed, which is not to end it. */
export const defect: Trouble = {
  reason: "unknown-outcome",
  words: `The bridge has a defect: its log says where. ${mayBeDone}`,
};

/** @param retryAfter seconds or a date (RFC 9110 section 10.2.3) */
function waitOf(retryAfter: string | undefined, now: number): string {
  const given = retryAfter ?? "";
  const seconds = /^\d{1,6}$/.test(given)
    ? Number(given)
    : Math.ceil((Date.parse(given) - now) / 1_000);
  return seconds > 0 ? `in ${seconds} second${seconds === 1 ? "" : "s"}` : "in a moment";
}

/** Entra's tokens are valid from a time to another, which both clocks have to agree on. */
const noticeableMilliseconds = 2 * 60_000;

/** @param date the header of the server's answer */
function skewWords(date: string | undefined, now: number): string {
  const ahead = now - Date.parse(date ?? "");
  if (!(Math.abs(ahead) >= noticeableMilliseconds)) return "";
  const minutes = Math.round(Math.abs(ahead) / 60_000);
  const direction = ahead > 0 ? "ahead of" : "behind";
  return `This machine's clock is ${minutes} minutes ${direction} the server's: set it right.`;
}
