import { judgeStatus, type Outcome, worstOf } from "../check.ts";
import type { Context } from "../context.ts";

/** Tokens by what they are, in words that follow "with". */
export type Tokens = Readonly<Record<string, string>>;

/** RFC 6750 section 3.1: a request that is malformed may also be answered 400. */
export const malformedStatuses = [401, 400] as const;

/** RFC 6750 section 3.1: what lacks a permission may also be answered 403. */
export const lackingStatuses = [401, 403] as const;

/** Presents each token and expects each to be refused with one of the statuses. */
export async function expectRefusals(
  context: Context,
  tokens: Tokens,
  statuses: readonly number[] = [401],
): Promise<Outcome> {
  const exchanges = await Promise.all(
    Object.entries(tokens).map(([what, token]) => context.present(token, what)),
  );
  return worstOf(exchanges.map((exchange) => judgeStatus(exchange, ...statuses)));
}
