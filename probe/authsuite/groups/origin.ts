import { type Exchange, headerOf, isSuccess, statusOf } from "../../shared/exchange.ts";
import { type Check, type Group, judge, judgeStatus, notApplicable, worstOf } from "../check.ts";
import type { Context } from "../context.ts";
import { fetchCors, mcpTransportSecurity } from "../sources.ts";

const foreignOrigin = "https://attacker.example";
const needsOrigin = notApplicable("needs an origin that the server allows (--origin)");

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

function listOf(exchange: Exchange, header: string): readonly string[] {
  const value = headerOf(exchange, header) ?? "";
  return value.split(",").map((name) => name.trim().toLowerCase());
}

function allows(exchange: Exchange, origin: string): boolean {
  const allowed = headerOf(exchange, "access-control-allow-origin");
  return allowed === origin || allowed === "*";
}

/** Origins that are not the server's, and one that begins like one that is. */
function foreignOrigins({ allowedOrigin }: Context): readonly string[] {
  if (allowedOrigin === undefined) return [foreignOrigin, "null"];
  const { protocol, hostname, port } = new URL(allowedOrigin);
  const similar = `${protocol}//${hostname}.attacker.example${port ? `:${port}` : ""}`;
  return [foreignOrigin, "null", similar];
}

const checks: readonly Check[] = [
  {
    id: "origin.foreign",
    title: "Answers 403 to a request from a foreign page.",
    source: mcpTransportSecurity,
    severity: "must",
    needs: "nothing",
    async run(context) {
      const exchanges = await Promise.all(
        foreignOrigins(context).map((origin) =>
          context.post({
            sent: `without credentials from the origin ${origin}`,
            headers: [["Origin", origin]],
          }),
        ),
      );
      return worstOf(exchanges.map((exchange) => judgeStatus(exchange, 403)));
    },
  },
  {
    id: "origin.foreign-with-token",
    title: "Answers 403 to a request from a foreign page with a good token.",
    source: mcpTransportSecurity,
    severity: "must",
    needs: "token",
    async run(context) {
      const exchanges = await Promise.all(
        foreignOrigins(context).map((origin) =>
          context.post({
            sent: `with the good token from the origin ${origin}`,
            authorization: `Bearer ${context.token}`,
            headers: [["Origin", origin]],
          }),
        ),
      );
      return worstOf(exchanges.map((exchange) => judgeStatus(exchange, 403)));
    },
  },
  {
    id: "origin.foreign-preflight",
    title: "Does not grant a foreign page's preflight.",
    source: fetchCors,
    severity: "must",
    needs: "nothing",
    async run(context) {
      const exchange = await preflight(context, foreignOrigin);
      return judge(
        !allows(exchange, foreignOrigin),
        exchange,
        "no Access-Control-Allow-Origin for it",
        `Access-Control-Allow-Origin: ${headerOf(exchange, "access-control-allow-origin")}`,
      );
    },
  },
  {
    id: "origin.preflight",
    title: "Answers an allowed page's preflight, which carries no token.",
    source: fetchCors,
    severity: "must",
    needs: "nothing",
    async run(context) {
      const { allowedOrigin } = context;
      if (allowedOrigin === undefined) return needsOrigin;
      const exchange = await preflight(context, allowedOrigin);
      return judge(
        isSuccess(exchange) && allows(exchange, allowedOrigin),
        exchange,
        `2xx with Access-Control-Allow-Origin: ${allowedOrigin}`,
      );
    },
  },
  {
    id: "origin.preflight-headers",
    title: "Allows in that preflight the headers that MCP needs.",
    source: fetchCors,
    severity: "must",
    needs: "nothing",
    async run(context) {
      const { allowedOrigin } = context;
      if (allowedOrigin === undefined) return needsOrigin;
      const exchange = await preflight(context, allowedOrigin);
      const allowed = listOf(exchange, "access-control-allow-headers");
      // `*` does not cover Authorization (Fetch, CORS-safelisted and non-wildcard headers).
      const lacking = neededHeaders.filter((name) => !allowed.includes(name));
      return judge(
        lacking.length === 0,
        exchange,
        `Access-Control-Allow-Headers: ${neededHeaders.join(", ")}`,
        `without ${lacking.join(", ")}`,
      );
    },
  },
  {
    id: "origin.exposed-challenge",
    title: "Lets an allowed page read the challenge: exposes WWW-Authenticate.",
    source: fetchCors,
    severity: "must",
    needs: "nothing",
    async run(context) {
      const { allowedOrigin } = context;
      if (allowedOrigin === undefined) return needsOrigin;
      const exchange = await context.post({
        sent: `without credentials from the origin ${allowedOrigin}`,
        headers: [["Origin", allowedOrigin]],
      });
      const exposed = listOf(exchange, "access-control-expose-headers");
      return judge(
        statusOf(exchange) === 401 &&
          allows(exchange, allowedOrigin) &&
          exposed.includes("www-authenticate"),
        exchange,
        `401 for ${allowedOrigin} with Access-Control-Expose-Headers: WWW-Authenticate`,
        `${statusOf(exchange)}, allowed ${headerOf(exchange, "access-control-allow-origin") ?? "none"}, exposed ${exposed.join(", ") || "none"}`,
      );
    },
  },
  {
    id: "origin.no-credentials-mode",
    title: "Does not invite pages to send cookies along.",
    source: fetchCors,
    severity: "should",
    needs: "nothing",
    async run(context) {
      const exchange = await preflight(context, context.allowedOrigin ?? foreignOrigin);
      const value = headerOf(exchange, "access-control-allow-credentials");
      const got = `Access-Control-Allow-Credentials: ${value}`;
      return judge(value !== "true", exchange, "no Access-Control-Allow-Credentials", got);
    },
  },
];

export const origin: Group = { name: "origin", title: "Browser origins", checks };
