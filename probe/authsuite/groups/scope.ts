import { bearerChallenge } from "../../shared/challenge.ts";
import { type Exchange, headerOf } from "../../shared/exchange.ts";
import { scopeClaimOf } from "../../shared/jwt.ts";
import { isQualified } from "../../shared/metadata.ts";
import {
  type Check,
  type Group,
  judge,
  judgeStatus,
  notApplicable,
  type Outcome,
} from "../check.ts";
import type { KeyContext } from "../context.ts";
import { mcpAuthorization, rfc } from "../sources.ts";
import { expectRefusals, lackingStatuses } from "./refused-tokens.ts";

const runtimeErrors = mcpAuthorization("Runtime Insufficient Scope Errors");

const noScope = notApplicable("the server, or the good token, names no scope");

/** The claim that has the good token's scopes, where the server says that it asks for any. */
function scopeClaim({ discovery, jwt }: KeyContext): "scp" | "scope" | undefined {
  const supported = discovery.document?.scopes_supported;
  const isNamed = Array.isArray(supported) && supported.length > 0;
  const isAsked = Boolean(discovery.challenge?.parameters.get("scope")?.trim());
  return isNamed || isAsked ? scopeClaimOf(jwt.claims) : undefined;
}

/** What the answer to a token of another scope must be. */
async function judgeOtherScope(
  context: KeyContext,
  judgeAnswer: (exchange: Exchange, parameter: (name: string) => string | undefined) => Outcome,
): Promise<Outcome> {
  const claim = scopeClaim(context);
  if (!claim) return noScope;
  const token = context.mint({ [claim]: "authsuite.other" });
  const exchange = await context.present(token, "a token of another scope");
  const challenge = bearerChallenge(headerOf(exchange, "www-authenticate"));
  return judgeAnswer(exchange, (name) => challenge?.parameters.get(name));
}

const checks: readonly Check[] = [
  {
    id: "scope.missing",
    title: "Refuses a token without any scope.",
    must: rfc(6750, "3.1"),
    needs: "key",
    async run(context) {
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
    },
  },
  {
    id: "scope.similar",
    title: "Refuses a scope that only looks like the needed one.",
    must: rfc(6749, "3.3"),
    needs: "key",
    async run(context) {
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
    },
  },
  {
    id: "scope.status",
    title: "Answers 403 to a token of another scope.",
    should: rfc(6750, "3.1"),
    needs: "key",
    run: (context) => judgeOtherScope(context, (exchange) => judgeStatus(exchange, 403)),
  },
  {
    id: "scope.error",
    title: 'Says error="insufficient_scope" in that 403.',
    should: runtimeErrors,
    needs: "key",
    run: (context) =>
      judgeOtherScope(context, (exchange, parameter) => {
        const isNamed = parameter("error") === "insufficient_scope";
        return judge(isNamed, exchange, 'error="insufficient_scope"');
      }),
  },
  {
    id: "scope.named",
    title: "Names the needed scope in that 403, qualified where the authority is Entra.",
    should: runtimeErrors,
    needs: "key",
    run: (context) =>
      judgeOtherScope(context, (exchange, parameter) => {
        const scope = parameter("scope") ?? "";
        const isNamed = scope !== "" && (!context.isEntra || scope.split(" ").every(isQualified));
        return judge(isNamed, exchange, "scope names what is needed");
      }),
  },
  {
    id: "scope.resource-metadata",
    title: "Says in that 403 where the metadata document is.",
    should: runtimeErrors,
    needs: "key",
    run: (context) =>
      judgeOtherScope(context, (exchange, parameter) => {
        const expected = context.discovery.challenge?.parameters.get("resource_metadata");
        const got = parameter("resource_metadata");
        return judge(
          got !== undefined && (expected === undefined || got === expected),
          exchange,
          "resource_metadata as in the answer to a request without credentials",
        );
      }),
  },
];

export const scope: Group = { name: "scope", title: "Insufficient scope", checks };
