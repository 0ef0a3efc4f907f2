import { createClient } from "../shared/http-client.ts";
import { countOf, type Results } from "../shared/report.ts";
import type { Check, Finding, Need, Outcome } from "./check.ts";
import { groups } from "./checks.ts";
import { createPatient, type Patient, type Subject } from "./patient.ts";

/** What an examination found out. */
export interface Report extends Results<Check, Outcome> {
  readonly given: Given;
}

/** What the command line gave. */
type Given = Readonly<Record<Need, boolean>>;

/**
 * Looks at a server. The checks run in the order in which things depend on each other, so that the
 * first finding is the most fundamental; what would only repeat a finding is not looked at.
 */
export async function examine(subject: Subject): Promise<Report> {
  const { now, timeout, target } = subject;
  const startedAt = now();
  const given = givenBy(subject);
  const client = createClient({ userAgent: "doctor", timeout, concurrency: 1 });
  const patient = createPatient(subject, client);
  const outcomes = new Map<string, Outcome>();
  const countLimited = () =>
    client.transcript.filter(({ answer }) => answer?.status === 429).length;
  try {
    for (const check of groups.flatMap(({ checks }) => checks)) {
      const limitedBefore = countLimited();
      const outcome = await look(check, given, patient, outcomes);
      const isLimited = countLimited() > limitedBefore;
      outcomes.set(check.id, isLimited ? { kind: "undecided", why: limited } : outcome);
    }
  } finally {
    client.close();
  }
  return {
    target: target.href,
    given,
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

function givenBy({ token, origin, call }: Subject): Given {
  return { token: token !== undefined, origin: origin !== undefined, call };
}

async function look(
  check: Check,
  given: Given,
  patient: Patient,
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<Outcome> {
  if (check.needs && !given[check.needs]) {
    return { kind: "not-applicable", why: howToGive[check.needs] };
  }
  for (const id of check.after) {
    const because = rootOf(id, outcomes.get(id));
    if (because !== undefined) return { kind: "not-looked-at", because };
  }
  if (check.ofEntra && (await patient.isGateway())) {
    return { kind: "not-applicable", why: "it is a gateway, its own authorization server" };
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

export function resultsOf(report: Report) {
  return report.groups.flatMap(({ results }) => results);
}

export type Summary = Readonly<
  Record<"ok" | "findings" | "notes" | "notLookedAt" | "notApplicable" | "undecided", number>
>;

export function summarise(report: Report): Summary {
  return {
    ok: countOf(report, "ok"),
    findings: countOf(report, "finding"),
    notes: countOf(report, "note"),
    notLookedAt: countOf(report, "not-looked-at"),
    notApplicable: countOf(report, "not-applicable"),
    undecided: countOf(report, "undecided"),
  };
}
