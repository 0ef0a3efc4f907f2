import { type Exchange, headerOf, statusOf, wasClosed } from "../../shared/exchange.ts";
import {
  group,
  judge,
  judgeEach,
  judgeStatus,
  notApplicable,
  withToken,
  worstOf,
} from "../check.ts";
import type { Context } from "../context.ts";

/** A request like that of a client that opens an event stream of the legacy revisions. */
function request(context: Context, method: string, token?: string): Promise<Exchange> {
  return context.send({
    sent: `${method} ${token === undefined ? "without credentials" : "with the good token"}`,
    method,
    url: context.target,
    headers: [
      ["Accept", "text/event-stream"],
      ...(token === undefined ? [] : [["Authorization", `Bearer ${token}`] as const]),
    ],
  });
}

function judgeWhole(exchange: Exchange, ...statuses: readonly number[]) {
  return exchange.answer?.complete === false
    ? judge(false, exchange, "an answer that ends at once")
    : judgeStatus(exchange, ...statuses);
}

const writing = ["PUT", "PATCH", "DELETE"] as const;

export const methods = group("methods", "Methods", {
  get: async (context) => judgeWhole(await request(context, "GET"), 405, 401),
  "get-authenticated": withToken(async (context) => {
    const exchange = await request(context, "GET", context.token);
    const type = headerOf(exchange, "content-type") ?? "";
    return context.era === "legacy" && type.startsWith("text/event-stream")
      ? notApplicable("the server speaks legacy revisions, in which GET may open a stream")
      : judgeWhole(exchange, 405);
  }),
  head: async (context) => judgeWhole(await request(context, "HEAD"), 405, 401),
  others: (context) =>
    judgeEach(
      writing,
      (method) => request(context, method),
      (exchange) => judgeWhole(exchange, 405, 501, 401),
    ),
  allow: async (context) => {
    // Some servers answer 405 to those alone whom they know.
    const credentials = context.token === undefined ? [undefined] : [undefined, context.token];
    const exchanges = await Promise.all(
      ["GET", ...writing].flatMap((method) =>
        credentials.map((token) => request(context, method, token)),
      ),
    );
    const refused = exchanges.filter((exchange) => statusOf(exchange) === 405);
    if (refused.length === 0) return notApplicable("nothing was answered 405");
    return worstOf(
      refused.map((exchange) => {
        const allow = headerOf(exchange, "allow");
        const methods = allow?.split(",").map((method) => method.trim());
        const got = `Allow: ${allow ?? "none"}`;
        return judge(methods?.includes("POST") ?? false, exchange, "Allow: POST", got);
      }),
    );
  },
  trace: async (context) => {
    const exchange = await request(context, "TRACE");
    const status = statusOf(exchange);
    const isRefused = wasClosed(exchange) || (status !== undefined && status >= 400);
    return judge(isRefused, exchange, "a refusal (4xx or 501)");
  },
});
