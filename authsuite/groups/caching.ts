import { type Check, type Group, judge, notApplicable } from "../check.ts";
import { type Exchange, headerOf, statusOf } from "../http/exchange.ts";
import { rfc } from "../sources.ts";
import { scopeClaimOf } from "../tokens/jwt.ts";

function judgeNotStored(exchange: Exchange) {
  const control = headerOf(exchange, "cache-control");
  const directives = control?.split(",").map((directive) => directive.trim().toLowerCase());
  const got = `${statusOf(exchange) ?? exchange.problem?.words}, Cache-Control: ${control ?? "none"}`;
  return judge(directives?.includes("no-store") ?? false, exchange, "Cache-Control: no-store", got);
}

const checks: readonly Check[] = [
  {
    id: "caching.challenge",
    title: "Lets the answer to a request without credentials be stored nowhere.",
    source: rfc(9111, "5.2.2.5"),
    severity: "should",
    needs: "nothing",
    run: async ({ discovery }) => judgeNotStored(discovery.unauthenticated),
  },
  {
    id: "caching.invalid-token",
    title: "Lets the answer to a bad token be stored nowhere.",
    source: rfc(9111, "5.2.2.5"),
    severity: "should",
    needs: "nothing",
    run: async (context) =>
      judgeNotStored(await context.present("authsuite.not-a.token", "a token that is none")),
  },
  {
    id: "caching.insufficient-scope",
    title: "Lets the answer to a token of another scope be stored nowhere.",
    source: rfc(9111, "5.2.2.5"),
    severity: "should",
    needs: "key",
    async run(context) {
      const claim = scopeClaimOf(context.jwt.claims);
      if (!claim) return notApplicable("the good token has no scope");
      const token = context.mint({ [claim]: "authsuite.other" });
      return judgeNotStored(await context.present(token, "a token of another scope"));
    },
  },
  {
    id: "caching.authenticated",
    title: "Lets what it tells somebody in particular be stored nowhere.",
    source: rfc(9111, "3.5"),
    severity: "should",
    needs: "token",
    run: async (context) => judgeNotStored(await context.present(context.token, "the good token")),
  },
];

export const caching: Group = { name: "caching", title: "Caching", checks };
