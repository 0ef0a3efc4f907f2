import {
  type CheckData,
  type Demand,
  judgeEach,
  judgeStatus,
  notApplicable,
  type Outcome,
} from "../check.ts";
import type { Context } from "../context.ts";

/** Tokens by what they are, in words that follow "with". */
export type Tokens = Readonly<Record<string, string>>;

/** Tokens that a server must refuse, as data. */
export type RefusedTokens<Given extends Context> = Demand & {
  /** Without the group. */
  readonly id: string;
  /** What is refused. */
  readonly what: string;
  readonly entraOnly?: true;
  /** 401 unless given. */
  readonly statuses?: readonly number[];
  /** @returns nothing where they cannot be made here */
  make(context: Given): Tokens | undefined | Promise<Tokens | undefined>;
};

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
 * The check that tokens are refused, but for what it needs.
 *
 * @param why there are no such tokens, where none can be made
 */
export function refusalOf<Given extends Context>(
  group: string,
  { id, what, statuses, make, ...data }: RefusedTokens<Given>,
  why: string,
): CheckData & { run(context: Given): Promise<Outcome> } {
  return {
    ...data,
    id: `${group}.${id}`,
    title: `Refuses ${what}.`,
    async run(context) {
      const tokens = await make(context);
      return tokens ? expectRefusals(context, tokens, statuses) : notApplicable(why);
    },
  };
}
