import { readChecks } from "../shared/checks-list.ts";
import { describe, type Exchange, isSuccess, statusOf } from "../shared/exchange.ts";
import type { Context, KeyContext, TokenContext } from "./context.ts";

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

/** What there is to say of a check: its row in checks.md. */
export interface CheckData {
  /** Dotted, the group first: `challenge.scheme`. */
  readonly id: string;
  /** What holds where the check passes, as a sentence. */
  readonly title: string;
  /** How strongly the source, or known attacks, ask for it. */
  readonly severity: "must" | "should";
  /** Its name as it is printed, such as `RFC 6750 section 3.1`, and an address that a reader can open. */
  readonly source: { readonly name: string; readonly url: string };
  /** Only where the authority is Microsoft Entra. */
  readonly entraOnly: boolean;
}

type Run<Given extends Context> = (context: Given) => Promise<Outcome>;

/**
 * What a check needs decides what it is given: nothing unless said, an access token that the server
 * accepts, or the authority's signing key.
 */
type NeedyRun =
  | { readonly needs: "token"; readonly run: Run<TokenContext> }
  | { readonly needs: "key"; readonly run: Run<KeyContext> };

/** One thing that is asked of a server. */
export type Check = CheckData &
  (NeedyRun | { readonly needs?: undefined; readonly run: Run<Context> });

export interface Group {
  /** The first part of its checks' ids. */
  readonly name: string;
  readonly title: string;
  readonly checks: readonly Check[];
  /** Because its checks could disturb one another. */
  readonly oneAtATime?: boolean;
}

const { list, cellsOf } = readChecks(new URL("checks.md", import.meta.url));

/** Every check with its source, as Markdown. */
export const catalogue = list;

function dataOf(id: string): CheckData {
  const [title = "", link = "", severity, needs = ""] = cellsOf(id);
  const [, name = "", url = ""] = /^\[(.+)\]\((.+)\)$/.exec(link) ?? [];
  return {
    id,
    title,
    severity: severity === "must" ? "must" : "should",
    source: { name, url },
    entraOnly: needs.includes("Entra"),
  };
}

/** A group by the last parts of its checks' ids, each of which has its row in checks.md. */
export function group(
  name: string,
  title: string,
  runs: Readonly<Record<string, Run<Context> | NeedyRun>>,
  options: Pick<Group, "oneAtATime"> = {},
): Group {
  const checks = Object.entries(runs).map(
    ([part, run]): Check => ({
      ...dataOf(`${name}.${part}`),
      ...(typeof run === "function" ? { run } : run),
    }),
  );
  return { name, title, checks, ...options };
}

export function withToken(run: Run<TokenContext>): NeedyRun {
  return { needs: "token", run };
}

export function withKey(run: Run<KeyContext>): NeedyRun {
  return { needs: "key", run };
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
