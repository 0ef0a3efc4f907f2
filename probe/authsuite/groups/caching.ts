import { type Exchange, headerOf, listOf, statusOf } from "../../shared/exchange.ts";
import { scopeClaimOf } from "../../shared/jwt.ts";
import { badToken, group, judge, notApplicable, withKey, withToken } from "../check.ts";

/**
 * A cache keeps the answer to a POST only if the answer allows it, by a lifetime or `public`
 * (RFC 9110 section 9.3.3, RFC 9111 section 3).
 */
function mayBeStored(exchange: Exchange): boolean {
  const directives = listOf(exchange, "cache-control");
  if (directives.includes("no-store")) return false;
  const givesLeave = /^(?:public|(?:s-)?max-age="?0*[1-9]\d*"?)$/;
  return directives.some((directive) => givesLeave.test(directive)) || hasExpiry(exchange);
}

/** Any date that cannot be read means that the time is over (RFC 9111 section 5.3). */
function hasExpiry(exchange: Exchange): boolean {
  const expires = Date.parse(headerOf(exchange, "expires") ?? "");
  return expires > Date.parse(headerOf(exchange, "date") ?? "");
}

function judgeNotStored(exchange: Exchange) {
  const got = `${statusOf(exchange) ?? exchange.problem?.words}, Cache-Control: ${headerOf(exchange, "cache-control") ?? "none"}, Expires: ${headerOf(exchange, "expires") ?? "none"}`;
  return judge(!mayBeStored(exchange), exchange, "Cache-Control: no-store", got);
}

export const caching = group("caching", "Caching", {
  challenge: async ({ discovery }) => judgeNotStored(discovery.unauthenticated),
  "invalid-token": async (context) =>
    judgeNotStored(await context.present(badToken, "a token that is none")),
  "insufficient-scope": withKey(async (context) => {
    const claim = scopeClaimOf(context.jwt.claims);
    if (!claim) return notApplicable("the good token has no scope");
    const token = context.mint({ [claim]: "authsuite.other" });
    return judgeNotStored(await context.present(token, "a token of another scope"));
  }),
  authenticated: withToken(async (context) =>
    judgeNotStored(await context.present(context.token, "the good token")),
  ),
});
