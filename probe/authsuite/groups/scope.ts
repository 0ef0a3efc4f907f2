import { bearerChallenge } from "../../shared/challenge.ts";
import { type Exchange, headerOf } from "../../shared/exchange.ts";
import { scopeClaimOf } from "../../shared/jwt.ts";
import { isQualified } from "../../shared/metadata.ts";
import { group, judge, judgeStatus, notApplicable, type Outcome, withKey } from "../check.ts";
import type { KeyContext } from "../context.ts";
import { expectRefusals, lackingStatuses } from "./refused-tokens.ts";

const noScope = notApplicable("the server, or the good token, names no scope");

/** The claim that has the good token's scopes, where the server says that it asks for any. */
function scopeClaim({ discovery, jwt }: KeyContext): "scp" | "scope" | undefined {
  const supported = discovery.document?.scopes_supported;
  const isNamed = Array.isArray(supported) && supported.length > 0;
  const isAsked = Boolean(discovery.challenge?.parameters.get("scope")?.trim());
  return isNamed || isAsked ? scopeClaimOf(jwt.claims) : undefined;
}

/** A check of the answer to a token of another scope. */
function withOtherScope(
  judgeAnswer: (
    exchange: Exchange,
    parameter: (name: string) => string | undefined,
    context: KeyContext,
  ) => Outcome,
) {
  return withKey(async (context) => {
    const claim = scopeClaim(context);
    if (!claim) return noScope;
    const token = context.mint({ [claim]: "authsuite.other" });
    const exchange = await context.present(token, "a token of another scope");
    const challenge = bearerChallenge(headerOf(exchange, "www-authenticate"));
    return judgeAnswer(exchange, (name) => challenge?.parameters.get(name), context);
  });
}

export const scope = group("scope", "Insufficient scope", {
  missing: withKey(async (context) => {
    const claim = scopeClaim(context);
    if (!claim) return noScope;
    return expectRefusals(
      context,
      {
        "a token without scopes": context.mint({ [claim]: undefined }),
        "a token with an empty scope": context.mint({ [claim]: "" }),
      },
      lackingStatuses,
    );
  }),
  similar: withKey(async (context) => {
    const claim = scopeClaim(context);
    const [scope] = claim ? String(context.jwt.claims[claim]).split(" ") : [];
    if (!claim || !scope) return noScope;
    const similar = [`${scope}.read`, `x${scope}`, scope.toUpperCase()];
    return expectRefusals(
      context,
      Object.fromEntries(
        similar
          .filter((name) => name !== scope)
          .map((name) => [`a token of the scope ${name}`, context.mint({ [claim]: name })]),
      ),
      lackingStatuses,
    );
  }),
  status: withOtherScope((exchange) => judgeStatus(exchange, 403)),
  error: withOtherScope((exchange, parameter) => {
    const isNamed = parameter("error") === "insufficient_scope";
    return judge(isNamed, exchange, 'error="insufficient_scope"');
  }),
  named: withOtherScope((exchange, parameter, { isEntra }) => {
    const scope = parameter("scope") ?? "";
    const isNamed = scope !== "" && (!isEntra || scope.split(" ").every(isQualified));
    return judge(isNamed, exchange, "scope names what is needed");
  }),
  "resource-metadata": withOtherScope((exchange, parameter, { discovery }) => {
    const expected = discovery.challenge?.parameters.get("resource_metadata");
    const got = parameter("resource_metadata");
    return judge(
      got !== undefined && (expected === undefined || got === expected),
      exchange,
      "resource_metadata as in the answer to a request without credentials",
    );
  }),
});
