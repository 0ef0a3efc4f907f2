import { describe, type Exchange, isSuccess, statusOf } from "../shared/exchange.ts";
import type { Context, KeyContext, TokenContext } from "./context.ts";
import type { Source } from "./sources.ts";

/** What came of a check. */
export type Outcome =
  | { readonly kind: "pass" }
  | {
      readonly kind: "fail";
      readonly sent: string;
      readonly expected: string;
      readonly got: string;
    }
  /** The check has no meaning here, or lacks something that the command line did not give. */
  | { readonly kind: "not-applicable"; readonly why: string }
  /** The server did not let itself be judged: neither a pass nor a finding. */
  | { readonly kind: "undecided"; readonly why: string };

/** The source of a check, by how strongly the source, or known attacks, ask for it. */
export type Demand =
  | { readonly must: Source; readonly should?: undefined }
  | { readonly must?: undefined; readonly should: Source };

/** What there is to say of a check. */
export type CheckData = Demand & {
  /** Dotted, the group first: `challenge.scheme`. */
  readonly id: string;
  /** What holds where the check passes, as a sentence. */
  readonly title: string;
  /** Only where the authority is Microsoft Entra. */
  readonly entraOnly?: boolean | undefined;
};

/**
 * One thing that is asked of a server, as data. What it needs decides what its `run` is given:
 * nothing unless said, an access token that the server accepts, or the authority's signing key.
 */
export type Check = CheckData &
  (
    | { readonly needs?: undefined; run(context: Context): Promise<Outcome> }
    | { readonly needs: "token"; run(context: TokenContext): Promise<Outcome> }
    | { readonly needs: "key"; run(context: KeyContext): Promise<Outcome> }
  );

export interface Group {
  /** The first part of its checks' ids. */
  readonly name: string;
  readonly title: string;
  readonly checks: readonly Check[];
  /** Because its checks could disturb one another. */
  readonly oneAtATime?: boolean;
}

export function sourceOf({ must, should }: Demand): {
  readonly severity: "must" | "should";
  readonly source: Source;
} {
  return must ? { severity: "must", source: must } : { severity: "should", source: should };
}

/** No JWT at all, and nothing that a header could not carry. */
export const badToken = "authsuite.not-a.token";

export const pass: Outcome = { kind: "pass" };

export function notApplicable(why: string): Outcome {
  return { kind: "not-applicable", why };
}

/** Passes where `holds`; otherwise says what was sent, expected and got. */
export function judge(
  holds: boolean,
  exchange: Exchange,
  expected: string,
  got = describe(exchange),
): Outcome {
  return holds ? pass : { kind: "fail", sent: exchange.sent, expected, got };
}

/** Passes where the answer has one of the statuses. */
export function judgeStatus(exchange: Exchange, ...statuses: readonly number[]): Outcome {
  const status = statusOf(exchange);
  const isExpected = status !== undefined && statuses.includes(status);
  return judge(isExpected, exchange, statuses.join(" or "));
}

export function judgeAccepted(exchange: Exchange): Outcome {
  return judge(isSuccess(exchange), exchange, "the token is accepted (2xx)");
}

/** The first outcome that is no pass, a finding before anything else. */
export function worstOf(outcomes: readonly Outcome[]): Outcome {
  return (
    outcomes.find(({ kind }) => kind === "fail") ??
    outcomes.find(({ kind }) => kind !== "pass") ??
    pass
  );
}

/** Sends something for each item, all at once, and judges every answer. */
export async function judgeEach<Item>(
  items: readonly Item[],
  send: (item: Item) => Promise<Exchange>,
  judgeAnswer: (exchange: Exchange) => Outcome,
): Promise<Outcome> {
  return worstOf((await Promise.all(items.map(send))).map(judgeAnswer));
}
