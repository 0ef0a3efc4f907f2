import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "../shared/http-client.ts";
import type { Check, Finding, Group, Need, Outcome } from "./check.ts";
import { groups } from "./checks.ts";
import { createPatient, type Patient, type Subject } from "./patient.ts";

export interface CheckResult {
  readonly check: Check;
  readonly outcome: Outcome;
}

/** What an examination found out. */
export interface Report {
  readonly target: string;
  readonly given: { readonly token: boolean; readonly origin: boolean; readonly call: boolean };
  readonly groups: readonly { readonly group: Group; readonly results: readonly CheckResult[] }[];
  readonly requests: number;
  readonly milliseconds: number;
}

/**
 * Looks at a server. The checks run in the order in which things depend on each other, so that the
 * first finding is the most fundamental; what would only repeat a finding is not looked at.
 */
export async function examine(subject: Subject): Promise<Report> {
  const { now, timeout, target, token, origin, call } = subject;
  const startedAt = now();
  const client = createClient({
    timeout,
    concurrency: 1,
    pause: 0,
    now,
    delay: (milliseconds) => delay(milliseconds),
  });
  const patient = createPatient(subject, client);
  const outcomes = new Map<string, Outcome>();
  const countLimited = () =>
    client.transcript.filter(({ answer }) => answer?.status === 429).length;
  try {
    for (const check of groups.flatMap(({ checks }) => checks)) {
      const limitedBefore = countLimited();
      const outcome = await look(check, patient, outcomes);
      const isLimited = countLimited() > limitedBefore;
      outcomes.set(check.id, isLimited ? { kind: "undecided", why: limited } : outcome);
    }
  } finally {
    client.close();
  }
  return {
    target: target.href,
    given: { token: token !== undefined, origin: origin !== undefined, call },
    groups: groups.map((group) => ({
      group,
      results: group.checks.flatMap((check) => {
        const outcome = outcomes.get(check.id);
        return outcome ? [{ check, outcome }] : [];
      }),
    })),
    requests: client.transcript.length,
    milliseconds: now() - startedAt,
  };
}

const limited = "the server limits requests already (429); look again later";

const howToGive: Readonly<Record<Need, string>> = {
  token: "needs an access token (--token)",
  origin: "needs a browser origin (--origin)",
  call: "calls a tool on the token's person's behalf (--call)",
};

async function look(
  check: Check,
  patient: Patient,
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<Outcome> {
  const { token, origin, call } = patient;
  const given = { token: token !== undefined, origin: origin !== undefined, call };
  if (check.needs && !given[check.needs]) {
    return { kind: "not-applicable", why: howToGive[check.needs] };
  }
  for (const id of check.after) {
    const because = rootOf(id, outcomes.get(id));
    if (because !== undefined) return { kind: "not-looked-at", because };
  }
  return check.run(patient);
}

/** The check that an outcome goes back to, where it leaves the checks after it nothing to say. */
function rootOf(id: string, outcome: Outcome | undefined): string | undefined {
  switch (outcome?.kind) {
    case "finding":
    case "undecided":
      return id;
    case "not-looked-at":
      return outcome.because;
    default:
      return undefined;
  }
}

export interface NamedFinding extends Finding {
  readonly id: string;
}

/** The most fundamental first. */
export function findingsOf(report: Report): readonly NamedFinding[] {
  return resultsOf(report).flatMap(({ check, outcome }) =>
    outcome.kind === "finding" ? [{ id: check.id, ...outcome }] : [],
  );
}

export function resultsOf(report: Report): readonly CheckResult[] {
  return report.groups.flatMap(({ results }) => results);
}

export type Summary = Readonly<
  Record<"ok" | "findings" | "notes" | "notLookedAt" | "notApplicable" | "undecided", number>
>;

export function summarise(report: Report): Summary {
  const count = (kind: Outcome["kind"]) =>
    resultsOf(report).filter(({ outcome }) => outcome.kind === kind).length;
  return {
    ok: count("ok"),
    findings: count("finding"),
    notes: count("note"),
    notLookedAt: count("not-looked-at"),
    notApplicable: count("not-applicable"),
    undecided: count("undecided"),
  };
}

/** 0: healthy. 1: there are findings. 2: something could not be judged. */
export function exitCodeOf({ findings, undecided }: Summary): 0 | 1 | 2 {
  if (findings > 0) return 1;
  return undecided > 0 ? 2 : 0;
}
