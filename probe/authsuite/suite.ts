import { CannotRun } from "../shared/command-line.ts";
import type { Exchange } from "../shared/exchange.ts";
import { createClient } from "../shared/http-client.ts";
import { countOf, type Results } from "../shared/report.ts";
import { type Check, type Group, notApplicable, type Outcome } from "./check.ts";
import { groups } from "./checks.ts";
import { createContext, type Preparation } from "./context.ts";
import { type Profile, prepare, type SuiteOptions } from "./prepare.ts";

/** What a run found out. */
export interface Report extends Results<Check, Outcome> {
  readonly profile: Profile;
  readonly issuers: readonly string[];
  readonly given: { readonly token: boolean; readonly key: boolean; readonly origin: boolean };
}

type GroupResults = Report["groups"][number];

const concurrency = 4;
const defaultTimeout = 10_000;

/**
 * Runs the checks against a server.
 *
 * @throws {CannotRun} where there would be nothing to report on, saying what to do about it
 */
export async function runSuite(options: SuiteOptions): Promise<Report> {
  const { now = Date.now, timeout = defaultTimeout, pause } = options;
  const startedAt = now();
  const wanted = selectGroups(options);
  const client = createClient({ userAgent: "authsuite", timeout, concurrency, pause });
  let preparation: Preparation | undefined;
  try {
    preparation = await prepare(options, client);
    const results: GroupResults[] = [];
    for (const group of wanted) results.push(await runGroup(group, preparation));
    const { isEntra, discovery, good, mint, allowedOrigin } = preparation;
    return {
      target: options.target.href,
      profile: isEntra ? "entra" : "generic",
      issuers: discovery.issuers.map(({ issuer }) => issuer),
      given: {
        token: good !== undefined,
        key: mint !== undefined,
        origin: allowedOrigin !== undefined,
      },
      groups: results,
      requests: client.transcript.length,
      milliseconds: now() - startedAt,
    };
  } finally {
    await preparation?.stranger.close();
    client.close();
  }
}

/** The groups, or what of them is wanted. */
function selectGroups({ only, skip = [] }: SuiteOptions): readonly Group[] {
  const known = groups.flatMap(({ name, checks }) => [name, ...checks.map(({ id }) => id)]);
  const unknown = [...(only ?? []), ...skip].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new CannotRun(`There is no group and no check ${unknown}. --list shows what there is.`);
  }
  const names = (list: readonly string[], { name }: Group, { id }: Check) =>
    list.includes(id) || list.includes(name);
  const wanted = groups
    .map((group) => ({
      ...group,
      checks: group.checks.filter(
        (check) => (!only || names(only, group, check)) && !names(skip, group, check),
      ),
    }))
    .filter(({ checks }) => checks.length > 0);
  if (wanted.length > 0) return wanted;
  throw new CannotRun("Nothing is left to check: --skip leaves out all that --only asks for.");
}

async function runGroup(group: Group, preparation: Preparation): Promise<GroupResults> {
  const results: { check: Check; outcome: Outcome }[] = [];
  const queue = group.checks.entries();
  const work = async (): Promise<void> => {
    for (const [index, check] of queue) {
      results[index] = { check, outcome: await runCheck(check, preparation) };
    }
  };
  const workers = group.oneAtATime ? 1 : concurrency;
  await Promise.all(Array.from({ length: workers }, work));
  return { group, results };
}

async function runCheck(check: Check, preparation: Preparation): Promise<Outcome> {
  if (check.entraOnly && !preparation.isEntra) {
    return notApplicable("the authority is not Microsoft Entra (--profile entra)");
  }
  const exchanges: Exchange[] = [];
  const outcome = await runWithNeeds(check, preparation, exchanges);
  return exchanges.some(({ answer }) => answer?.status === 429)
    ? { kind: "undecided", why: "the server limited the requests (429)" }
    : outcome;
}

async function runWithNeeds(
  check: Check,
  preparation: Preparation,
  exchanges: Exchange[],
): Promise<Outcome> {
  const context = createContext(preparation, exchanges);
  const { good, mint } = preparation;
  if (check.needs === undefined) return check.run(context);
  if (!good) return notApplicable("needs a good token (--token)");
  const { value: token, jwt, era } = good;
  if (check.needs === "token") return check.run({ ...context, token, jwt, era });
  if (!mint || !jwt) return notApplicable("needs the authority's key (--signing-key)");
  return check.run({ ...context, token, jwt, era, mint });
}

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  /** How many of those that failed are of the severity `must`. */
  readonly failedMust: number;
  readonly notApplicable: number;
  readonly undecided: number;
}

export function summarise(report: Report): Summary {
  const failed = report.groups.flatMap(({ results }) =>
    results.flatMap(({ check, outcome }) => (outcome.kind === "fail" ? [check] : [])),
  );
  return {
    passed: countOf(report, "pass"),
    failed: failed.length,
    failedMust: failed.filter(({ severity }) => severity === "must").length,
    notApplicable: countOf(report, "not-applicable"),
    undecided: countOf(report, "undecided"),
  };
}
