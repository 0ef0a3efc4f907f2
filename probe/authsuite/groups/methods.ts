import { type Exchange, headerOf, statusOf, wasClosed } from "../../shared/exchange.ts";
import {
  type Check,
  type Group,
  judge,
  judgeEach,
  judgeStatus,
  notApplicable,
  worstOf,
} from "../check.ts";
import type { Context } from "../context.ts";
import { mcpEarlierRevisions, rfc } from "../sources.ts";

/** A request like that of a client that opens an event stream of the older revisions. */
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

const checks: readonly Check[] = [
  {
    id: "methods.get",
    title: "Answers GET without credentials at once: 405, or 401.",
    should: mcpEarlierRevisions,
    run: async (context) => judgeWhole(await request(context, "GET"), 405, 401),
  },
  {
    id: "methods.get-authenticated",
    title: "Answers 405 at once to GET with a good token: a client would hang on anything else.",
    should: mcpEarlierRevisions,
    needs: "token",
    async run(context) {
      const exchange = await request(context, "GET", context.token);
      const type = headerOf(exchange, "content-type") ?? "";
      return context.era === "legacy" && type.startsWith("text/event-stream")
        ? notApplicable("the server speaks older revisions, in which GET may open a stream")
        : judgeWhole(exchange, 405);
    },
  },
  {
    id: "methods.head",
    title: "Answers HEAD at once: 405, or 401.",
    should: rfc(9110, "9.3.2"),
    run: async (context) => judgeWhole(await request(context, "HEAD"), 405, 401),
  },
  {
    id: "methods.others",
    title: "Answers 405, 501 or 401 to PUT, PATCH and DELETE without credentials.",
    should: rfc(9110, "15.5.6"),
    run: (context) =>
      judgeEach(
        writing,
        (method) => request(context, method),
        (exchange) => judgeWhole(exchange, 405, 501, 401),
      ),
  },
  {
    id: "methods.allow",
    title: "Says in every 405 which methods there are (Allow), POST among them.",
    must: rfc(9110, "15.5.6"),
    async run(context) {
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
  },
  {
    id: "methods.trace",
    title: "Refuses TRACE, which would repeat the credentials that it got.",
    should: rfc(9110, "9.3.8"),
    async run(context) {
      const exchange = await request(context, "TRACE");
      const status = statusOf(exchange);
      const isRefused = wasClosed(exchange) || (status !== undefined && status >= 400);
      return judge(isRefused, exchange, "a refusal (4xx or 501)");
    },
  },
];

export const methods: Group = { name: "methods", title: "Methods", checks };
