import { type Exchange, headerOf, isSuccess, listOf, statusOf } from "../../shared/exchange.ts";
import {
  group,
  judge,
  judgeEach,
  judgeStatus,
  notApplicable,
  type Outcome,
  withToken,
} from "../check.ts";
import type { Context, PostRequest } from "../context.ts";

const foreignOrigin = "https://attacker.example";

/** What a client in a page has to be able to send. */
const neededHeaders = ["authorization", "content-type", "mcp-protocol-version"];

function preflight(context: Context, origin: string): Promise<Exchange> {
  return context.send({
    sent: `OPTIONS as the preflight of a POST from ${origin}`,
    method: "OPTIONS",
    url: context.target,
    headers: [
      ["Origin", origin],
      ["Access-Control-Request-Method", "POST"],
      ["Access-Control-Request-Headers", neededHeaders.join(", ")],
    ],
  });
}

/** The origin that an answer lets read it. */
function allowedBy(exchange: Exchange): string {
  return headerOf(exchange, "access-control-allow-origin") ?? "none";
}

function allows(exchange: Exchange, origin: string): boolean {
  return [origin, "*"].includes(allowedBy(exchange));
}

/** Origins that are not the server's, and one that begins like one that is. */
function foreignOrigins({ allowedOrigin }: Context): readonly string[] {
  if (allowedOrigin === undefined) return [foreignOrigin, "null"];
  const { protocol, hostname, port } = new URL(allowedOrigin);
  const similar = `${protocol}//${hostname}.attacker.example${port ? `:${port}` : ""}`;
  return [foreignOrigin, "null", similar];
}

/** Posts from foreign pages; `request` says with what else. */
function judgeForeignOrigins(context: Context, request: PostRequest): Promise<Outcome> {
  return judgeEach(
    foreignOrigins(context),
    (origin) =>
      context.post({
        ...request,
        sent: `${request.sent} from the origin ${origin}`,
        headers: [["Origin", origin]],
      }),
    (exchange) => judgeStatus(exchange, 403),
  );
}

/** Judges what needs an origin that the server allows. */
async function withOrigin(
  { allowedOrigin }: Context,
  judgeFor: (origin: string) => Promise<Outcome>,
): Promise<Outcome> {
  return allowedOrigin === undefined
    ? notApplicable("needs an origin that the server allows (--origin)")
    : judgeFor(allowedOrigin);
}

export const origin = group("origin", "Browser origins", {
  foreign: (context) => judgeForeignOrigins(context, { sent: "without credentials" }),
  "foreign-with-token": withToken((context) =>
    judgeForeignOrigins(context, {
      sent: "with the good token",
      authorization: `Bearer ${context.token}`,
    }),
  ),
  "foreign-preflight": async (context) => {
    const exchange = await preflight(context, foreignOrigin);
    return judge(
      !allows(exchange, foreignOrigin),
      exchange,
      "no Access-Control-Allow-Origin for it",
      `Access-Control-Allow-Origin: ${allowedBy(exchange)}`,
    );
  },
  preflight: (context) =>
    withOrigin(context, async (origin) => {
      const exchange = await preflight(context, origin);
      return judge(
        isSuccess(exchange) && allows(exchange, origin),
        exchange,
        `2xx with Access-Control-Allow-Origin: ${origin}`,
      );
    }),
  "preflight-headers": (context) =>
    withOrigin(context, async (origin) => {
      const exchange = await preflight(context, origin);
      const allowed = listOf(exchange, "access-control-allow-headers");
      // `*` does not cover Authorization (Fetch, CORS-safelisted and non-wildcard headers).
      const lacking = neededHeaders.filter((name) => !allowed.includes(name));
      return judge(
        lacking.length === 0,
        exchange,
        `Access-Control-Allow-Headers: ${neededHeaders.join(", ")}`,
        `without ${lacking.join(", ")}`,
      );
    }),
  "exposed-challenge": (context) =>
    withOrigin(context, async (origin) => {
      const sent = `without credentials from the origin ${origin}`;
      const exchange = await context.post({ sent, headers: [["Origin", origin]] });
      const exposed = listOf(exchange, "access-control-expose-headers");
      const isReadable = allows(exchange, origin) && exposed.includes("www-authenticate");
      return judge(
        statusOf(exchange) === 401 && isReadable,
        exchange,
        `401 for ${origin} with Access-Control-Expose-Headers: WWW-Authenticate`,
        `${statusOf(exchange)}, allowed ${allowedBy(exchange)}, exposed ${exposed.join(", ") || "none"}`,
      );
    }),
  "no-credentials-mode": async (context) => {
    const exchange = await preflight(context, context.allowedOrigin ?? foreignOrigin);
    const value = headerOf(exchange, "access-control-allow-credentials");
    const got = `Access-Control-Allow-Credentials: ${value}`;
    return judge(value !== "true", exchange, "no Access-Control-Allow-Credentials", got);
  },
});
