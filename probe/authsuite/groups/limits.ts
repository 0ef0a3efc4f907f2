import { type Exchange, statusOf, wasClosed } from "../../shared/exchange.ts";
import { bearer, messageOf, postOf } from "../../shared/mcp-message.ts";
import { group, judge, judgeStatus, type Outcome, pass, withToken, worstOf } from "../check.ts";
import type { Context } from "../context.ts";

/** The outcome, unless the server no longer serves afterwards, whatever was done to it. */
async function andStillServes(context: Context, outcome: Outcome): Promise<Outcome> {
  const before = context.discovery.unauthenticated;
  const after = await context.post({ sent: "without credentials, right after" });
  const expected = `${statusOf(before)}, as before: the server goes on serving`;
  return worstOf([outcome, judge(statusOf(after) === statusOf(before), after, expected)]);
}

/** Many servers and proxies hang up on headers that they will not read. */
function judgeRefusedOrClosed(exchange: Exchange, ...statuses: readonly number[]): Outcome {
  return wasClosed(exchange) ? pass : judgeStatus(exchange, ...statuses);
}

/**
 * A server may close on what it will not read, and a client that is still sending then loses the
 * answer now and then (RFC 9112 section 9.6). That it still serves is asked afterwards.
 */
function judgeTooLarge(exchange: Exchange): Outcome {
  const expected = "413; what a server allows that allows more is told by --body-limit";
  return judge(statusOf(exchange) === 413 || wasClosed(exchange), exchange, expected);
}

/** A JSON-RPC request of at least that many bytes. */
function longMessage(bytes: number): string {
  return JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "ping",
    params: { x: "x".repeat(bytes) },
  });
}

const nestingDepth = 20_000;

export const limits = group(
  "limits",
  "Limits",
  {
    body: withToken(async (context) => {
      const { token, era, bodyLimit, post } = context;
      const exchange = await post({
        sent: `with the good token and a body of more than ${bodyLimit} bytes`,
        authorization: `Bearer ${token}`,
        message: { ...messageOf(era, "ping"), body: longMessage(bodyLimit) },
      });
      return andStillServes(context, judgeTooLarge(exchange));
    }),
    "chunked-body": withToken(async (context) => {
      const { token, era, bodyLimit, target } = context;
      const exchange = await context.send({
        ...postOf(messageOf(era, "ping"), target, bearer(token)),
        sent: `POST with the good token and a chunked body of more than ${bodyLimit} bytes`,
        body: longMessage(bodyLimit),
        chunked: true,
      });
      return andStillServes(context, judgeTooLarge(exchange));
    }),
    headers: withToken(async (context) => {
      const exchange = await context.post({
        sent: "with the good token and a header of 64 KiB",
        authorization: `Bearer ${context.token}`,
        headers: [["X-Authsuite", "x".repeat(64 * 1024)]],
      });
      return andStillServes(context, judgeRefusedOrClosed(exchange, 431, 400, 413));
    }),
    "token-header": async (context) => {
      const exchange = await context.present("x".repeat(64 * 1024), "a token of 64 KiB");
      return andStillServes(context, judgeRefusedOrClosed(exchange, 431, 400, 413, 401));
    },
    "json-depth": withToken(async (context) => {
      const { token, era, post } = context;
      const nested = "[".repeat(nestingDepth) + "]".repeat(nestingDepth);
      const body = `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":${nested}}}`;
      const exchange = await post({
        sent: `with the good token and JSON nested ${nestingDepth} deep`,
        authorization: `Bearer ${token}`,
        message: { ...messageOf(era, "ping"), body },
      });
      const isServed = (statusOf(exchange) ?? 500) < 500;
      return andStillServes(context, judge(isServed, exchange, "an answer below 500"));
    }),
  },
  { oneAtATime: true },
);
