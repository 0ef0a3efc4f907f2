import { isLoopback } from "../../../src/core/address.ts";
import { type Exchange, excerpt, statusOf } from "../../shared/exchange.ts";
import { group, judge, judgeAccepted, notApplicable, pass, withToken } from "../check.ts";
import type { Context } from "../context.ts";

/** The exchanges of the whole run with the server itself. */
function exchangesWith({ transcript, target }: Context): readonly Exchange[] {
  return transcript.filter(({ url }) => new URL(url).origin === target.origin);
}

/** Marks of a stack trace, an exception or a file of the machine. */
const internals = [
  /\bat (?:.{1,120} \()?(?:[A-Z]:\\|\/|node:|file:)[^\s)]{1,200}:\d+:\d+\)?/,
  /\bTraceback \(most recent call last\)/,
  /(?:^|[\s"'(])(?:[A-Z]:\\|\/(?:home|usr|var|opt|srv|root|Users|workspace|node_modules)\/)[\w.-]+/,
  /\b[\w/.-]+\.(?:ts|mjs|cjs|js|py|cs|java|go|rb|php):\d+/,
  /\b(?:(?:Type|Reference|Syntax|Range)Error|JW[A-Z]\w+(?:Failed|Invalid|Expired)|JsonWebTokenError|[\w.]+Exception)\b/,
] as const;

export const afterwards = group(
  "afterwards",
  "After all of it",
  {
    "good-token": withToken(async (context) =>
      judgeAccepted(await context.present(context.token, "the good token, at the end")),
    ),
    "no-server-error": async (context) => {
      const failed = exchangesWith(context).find((exchange) => {
        const status = statusOf(exchange) ?? 0;
        // 501 is right for a method that the server does not know (RFC 9110 section 9.1), and 503 where it
        // says when to try again: to a clock that is behind, a token is from the future.
        const isDeliberate =
          status === 501 || (status === 503 && exchange.answer?.headers.has("retry-after"));
        return status >= 500 && !isDeliberate;
      });
      return failed ? judge(false, failed, "an answer below 500") : pass;
    },
    "token-not-echoed": async (context) => {
      for (const exchange of exchangesWith(context)) {
        const texts = [...(exchange.answer?.headers ?? [])].flat();
        texts.push(exchange.answer?.body ?? "");
        const isEchoed = exchange.secrets.some((secret) =>
          texts.some((text) => text.includes(secret)),
        );
        if (isEchoed) return judge(false, exchange, "an answer without the token", "the token");
      }
      return pass;
    },
    "no-internals": async (context) => {
      for (const exchange of exchangesWith(context)) {
        const { answer } = exchange;
        if (!answer || answer.status < 400) continue;
        const said = `${answer.headers.get("www-authenticate") ?? ""}\n${answer.body}`;
        // A URL may have what looks like a file: https://mcp.example.py:8443/home/mcp.
        const text = said.replace(/\bhttps?:\/\/[^\s"'<>]+/g, "");
        const found = internals.map((pattern) => pattern.exec(text)).find((match) => match);
        if (found) {
          return judge(false, exchange, "an answer without internals", excerpt(found[0], 200));
        }
      }
      return pass;
    },
    "nothing-fetched": async ({ stranger, target }) => {
      if (!isLoopback(target)) {
        return notApplicable("the server could not have reached a web site on this machine");
      }
      const [visited] = stranger.visited;
      return visited === undefined
        ? pass
        : {
            kind: "fail",
            sent: "tokens that point to a stranger's keys (jku, x5u, iss)",
            expected: "no request to the stranger",
            got: `GET ${excerpt(visited)}`,
          };
    },
  },
  { oneAtATime: true },
);
