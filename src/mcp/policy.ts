import type { Caller } from "../core/caller.ts";
import { abortable, startDeadline } from "../core/deadline.ts";
import { type Log, thrown } from "../core/log.ts";
import { failure, type Result, success } from "../core/result.ts";

/** Who may see and call a tool, as data. Every condition that is stated must hold. */
export interface ToolPolicy {
  /** Delegated scopes, bare names, beside the one that every call needs. */
  readonly scopes?: readonly string[];
  /** App roles, any one of which is enough. */
  readonly roles?: readonly string[];
  /** Members of the administrators' group only. */
  readonly administratorsOnly?: boolean;
}

/** Anyone who is signed in, for a tool that reaches the caller's own data alone. */
export const everyone: ToolPolicy = {};

/** Why a tool is neither listed for a caller nor may be called by them. */
export type PolicyRefusal =
  | { readonly kind: "missing-tool-scope"; readonly expected: string }
  | { readonly kind: "missing-role"; readonly expected: string }
  | { readonly kind: "not-an-administrator" }
  /** Nothing is known, so nothing is allowed. */
  | ({ readonly kind: "membership-unknown" } & MembershipUnknown);

/**
 * What has to become of the person's sign-in before a call can work. Where the client can be told by
 * a challenge, that takes the place of the result.
 */
export interface SignInDemand {
  /** What the person has to fulfil in a new sign-in: the authority's JSON. */
  readonly claims?: string | undefined;
  /** The sign-in has expired or was revoked, and with it the access token. */
  readonly isSignInEnded?: boolean | undefined;
}

export interface MembershipUnknown extends SignInDemand {
  /** Why, as a log may hold it. */
  readonly cause: string;
}

/** Whether the caller is an administrator. */
export type AdministratorCheck = (
  caller: Caller,
  signal: AbortSignal,
) => Promise<Result<boolean, MembershipUnknown>>;

/** Judges `policy` for `caller`; what costs a call to Graph comes last. */
export async function authorize(
  policy: ToolPolicy,
  caller: Caller,
  isAdministrator: AdministratorCheck,
  signal: AbortSignal,
): Promise<Result<true, PolicyRefusal>> {
  const scope = policy.scopes?.find((expected) => !caller.scopes.includes(expected));
  if (scope !== undefined) return failure({ kind: "missing-tool-scope", expected: scope });

  if (policy.roles && !policy.roles.some((role) => caller.roles.includes(role))) {
    return failure({ kind: "missing-role", expected: policy.roles.join(" or ") });
  }
  if (policy.administratorsOnly) {
    const administrator = await isAdministrator(caller, signal);
    if (!administrator.ok) {
      return failure({ kind: "membership-unknown", ...administrator.reason });
    }
    if (!administrator.value) return failure({ kind: "not-an-administrator" });
  }
  return success(true);
}

/** How long a list waits to know whether the caller is an administrator. */
const listMilliseconds = 3_000;

const hiddenEvents = {
  tool: "tool.hidden",
  resource: "resource.hidden",
  prompt: "prompt.hidden",
} as const;

export interface Visible<Item> {
  readonly items: readonly Item[];
  /** Whether nothing was left out only because it could not be known whether it may be seen. */
  readonly isCertain: boolean;
}

/**
 * What the caller may see. Where it cannot be known whether they may, they may not.
 *
 * @param kind how the log speaks of an item
 */
export async function visibleTo<
  Item extends { readonly name: string; readonly policy: ToolPolicy },
>(
  kind: keyof typeof hiddenEvents,
  items: readonly Item[],
  isAdministrator: AdministratorCheck,
  context: { readonly caller: Caller; readonly signal: AbortSignal; readonly log: Log },
): Promise<Visible<Item>> {
  const { caller, log } = context;
  // A list that waits for an outage to end is no list.
  const deadline = startDeadline(listMilliseconds);
  const signal = AbortSignal.any([context.signal, deadline.signal]);
  const judge = async (item: Item): Promise<"seen" | "hidden" | "unknown"> => {
    try {
      const allowed = await abortable(
        authorize(item.policy, caller, isAdministrator, signal),
        signal,
      );
      if (allowed.ok) return "seen";
      if (allowed.reason.kind !== "membership-unknown") return "hidden";
      log("warn", hiddenEvents[kind], { [kind]: item.name, reason: allowed.reason.cause });
    } catch (error) {
      log("error", `${kind}.policy-threw`, { [kind]: item.name, cause: thrown(error) });
    }
    return "unknown";
  };
  const judged = await Promise.all(items.map(judge));
  deadline.end();
  return {
    items: items.filter((_item, index) => judged[index] === "seen"),
    isCertain: !judged.includes("unknown"),
  };
}

/** For callers whose client cannot be challenged: what the person has to do themselves. */
export const signInStepText =
  "Your organisation asks for a further sign-in step before this server may act for you. Sign out of this server in your client, sign in again, and complete the step; if none is offered, ask an administrator.";

export const signInEndedText = "Your sign-in is no longer valid. Sign in to this server again.";

/** What the model is told of a refusal: plain words that say who can change it. */
export function refusalText(toolName: string, refusal: PolicyRefusal): string {
  switch (refusal.kind) {
    case "missing-tool-scope":
      return `${toolName} needs the scope ${refusal.expected}, which this sign-in does not have.`;
    case "missing-role":
      return `${toolName} is for people with the role ${refusal.expected}. An administrator can assign it.`;
    case "not-an-administrator":
      return `${toolName} is for administrators only.`;
    case "membership-unknown":
      if (refusal.isSignInEnded) return signInEndedText;
      if (refusal.claims !== undefined) return signInStepText;
      return `${toolName} is for administrators only, and it cannot be checked right now who is one. Try again in a minute.`;
  }
}
