import { failure, type Result, success } from "../../core/result.ts";
import type { KeyRing } from "../../keys/key-ring.ts";
import {
  type ApprovalHandle,
  type ApprovedCall,
  approvalLifetime,
  createApprovalHandles,
} from "./handles.ts";
import type { ApprovalLedger } from "./ledger.ts";
import type { ApprovalMode, ApprovalRefusal, ApprovalWay } from "./refusal.ts";

export interface ApprovalsParts {
  readonly keyRing: KeyRing;
  readonly ledger: ApprovalLedger;
  readonly mode: ApprovalMode;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a call brings that might approve it. */
export interface Evidence {
  readonly handle: string;
  readonly answer: "accept" | "decline" | "cancel";
}

/**
 * Has calls approved before they are carried out. A call comes once to {@link ask}, and again, with
 * what it was given then, to {@link settle}. Nothing is kept in between but the ledger's marks of
 * what has been used, so that the two calls may reach different instances.
 */
export interface Approvals {
  /** How this client has a call approved, where its way is accepted at all. */
  wayOf(client: { readonly canBeAsked: boolean }): Result<ApprovalWay, ApprovalRefusal>;

  /** What the next call has to bring. */
  ask(
    way: ApprovalWay,
    call: ApprovedCall,
    affected: object,
  ): Promise<Result<ApprovalHandle, ApprovalRefusal>>;

  /**
   * Judges what a call brings, and uses it up. Of several calls that bring the same at once, one
   * gets past this; the others are refused.
   */
  settle(
    way: ApprovalWay,
    call: ApprovedCall,
    evidence: Evidence,
  ): Promise<Result<Settled, ApprovalRefusal>>;

  /** Why `requestState` is nothing that this server gave out, if it is not. */
  forgery(requestState: string): Promise<"malformed" | "altered" | undefined>;
}

export type Settled =
  | { readonly kind: "declined" }
  | { readonly kind: "cancelled" }
  /** Approved, if what the call would change still has the digest of what was shown. */
  | { readonly kind: "approved"; readonly shown: string };

export function createApprovals({ keyRing, ledger, mode, now }: ApprovalsParts): Approvals {
  const handles = createApprovalHandles(keyRing, now);

  return {
    wayOf({ canBeAsked }) {
      if (canBeAsked) return success("question");
      return mode === "any" ? success("confirmation") : failure({ kind: "cannot-be-asked" });
    },

    ask: handles.issue,

    async settle(way, call, { handle, answer }) {
      const approval = await handles.read(way, handle, call);
      if (!approval.ok) return approval;

      // Before anything is done, so that it is done at most once; and whatever the answer is, so
      // that no answer can be changed for another.
      const { id, shown } = approval.value;
      const used = await ledger.consume(call.caller, id, now() + approvalLifetime);
      if (!used.ok) return used;
      if (used.value === "already-used") return failure({ kind: "already-used" });

      if (answer === "accept") return success({ kind: "approved", shown });
      return success({ kind: answer === "decline" ? "declined" : "cancelled" });
    },

    forgery: (requestState) => handles.forgery("question", requestState),
  };
}
