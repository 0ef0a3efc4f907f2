import { readChecks } from "../shared/checks-list.ts";
import { describe, type Exchange } from "../shared/exchange.ts";
import type { Patient } from "./patient.ts";

/** What is wrong, and what to do about it. */
export interface Finding {
  readonly kind: "finding";
  /** What is wrong, as a sentence. */
  readonly what: string;
  /** What was seen that shows it. */
  readonly evidence: string;
  /** What most likely brought it about. */
  readonly cause: string;
  readonly remedy: string;
}

/** What came of a check. */
export type Outcome =
  | { readonly kind: "ok"; readonly evidence: string }
  | Finding
  /** Worth knowing, and nothing wrong by itself. */
  | { readonly kind: "note"; readonly evidence: string }
  /** The named check has found something that this one would only repeat. */
  | { readonly kind: "not-looked-at"; readonly because: string }
  /** It has no meaning here, or lacks something that the command line did not give. */
  | { readonly kind: "not-applicable"; readonly why: string }
  /** The server did not let itself be judged: neither well nor a finding. */
  | { readonly kind: "undecided"; readonly why: string };

/** What the command line has to give so that a check can look. */
export type Need = "token" | "origin" | "call";

/** One thing that is looked at. */
export interface Check {
  /** Dotted, the group first: `metadata.resource`. */
  readonly id: string;
  /** What holds where all is well, as a sentence. */
  readonly title: string;
  /** The checks, earlier ones, without which this one has nothing of its own to say. */
  readonly after: readonly string[];
  readonly needs?: Need | undefined;
  /** It has no meaning for a gateway, which is its own authorization server. */
  readonly ofEntra?: true | undefined;
  run(patient: Patient): Promise<Outcome>;
}

export interface Group {
  /** The first part of its checks' ids. */
  readonly name: string;
  readonly title: string;
  readonly checks: readonly Check[];
}

const { list, cellsOf } = readChecks(new URL("checks.md", import.meta.url));

/** Every check as Markdown, in the order in which they run. */
export const catalogue = list;

/** A group by the last parts of its checks' ids, each of which has its row in checks.md. */
export function group(
  name: string,
  title: string,
  checks: Readonly<Record<string, Omit<Check, "id" | "title">>>,
): Group {
  return {
    name,
    title,
    checks: Object.entries(checks).map(([part, check]) => {
      const id = `${name}.${part}`;
      const [holds = ""] = cellsOf(id);
      return { id, title: holds, ...check };
    }),
  };
}

/** A check but for its id and title. */
export function check(when: Pick<Check, "after" | "needs" | "ofEntra">, run: Check["run"]) {
  return { ...when, run };
}

export function ok(evidence: string): Outcome {
  return { kind: "ok", evidence };
}

export function note(evidence: string): Outcome {
  return { kind: "note", evidence };
}

export function finding(details: Omit<Finding, "kind">): Outcome {
  return { kind: "finding", ...details };
}

export function notApplicable(why: string): Outcome {
  return { kind: "not-applicable", why };
}

/** An exchange as evidence: what was asked, and what came back. */
export function seen(exchange: Exchange): string {
  return `${exchange.sent}: ${describe(exchange)}`;
}
