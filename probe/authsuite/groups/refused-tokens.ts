import { judgeEach, judgeStatus, notApplicable, type Outcome } from "../check.ts";
import type { Context } from "../context.ts";

/** Tokens by what they are, in words that follow "with". */
export type Tokens = Readonly<Record<string, string>>;

/** Makes tokens that a server must refuse; nothing where they cannot be made here. */
type Make<Given extends Context> = (
  context: Given,
) => Tokens | undefined | Promise<Tokens | undefined>;

/** RFC 6750 section 3.1: a request that is malformed may also be answered 400. */
export const malformedStatuses = [401, 400] as const;

/** RFC 6750 section 3.1: what lacks a permission may also be answered 403. */
export const lackingStatuses = [401, 403] as const;

/** Presents each token and expects each to be refused with one of the statuses. */
export function expectRefusals(
  context: Context,
  tokens: Tokens,
  statuses: readonly number[] = [401],
): Promise<Outcome> {
  return judgeEach(
    Object.entries(tokens),
    ([what, token]) => context.present(token, what),
    (exchange) => judgeStatus(exchange, ...statuses),
  );
}

/**
 * Makes checks that tokens are refused, with 401 unless other statuses are given.
 *
 * @param why there are no such tokens, where none can be made
 */
export function refusals<Given extends Context>(why: string) {
  return (make: Make<Given>, statuses?: readonly number[]) =>
    async (context: Given): Promise<Outcome> => {
      const tokens = await make(context);
      return tokens ? expectRefusals(context, tokens, statuses) : notApplicable(why);
    };
}
