import type { CallerClaims } from "../../core/caller.ts";
import type { Result } from "../../core/result.ts";

/** Whose approval it is. */
export type ApprovalOwner = Pick<CallerClaims, "tenantId" | "objectId">;

/** The ledger did not answer. `cause` is for the log. */
export interface LedgerFailure {
  readonly kind: "unavailable";
  readonly cause: string;
}

/**
 * Remembers which approvals have been used, for all instances of the server: what makes an approval
 * good once. Nothing here throws.
 */
export interface ApprovalLedger {
  /**
   * Uses an approval up. Of several that do so at once, on whatever instances, exactly one is told
   * `consumed`. After a failure it is unknown whether the approval is used up.
   *
   * @param expiresAt milliseconds since the epoch; from then on the approval is refused anyway, and
   *   need not be remembered
   */
  consume(
    owner: ApprovalOwner,
    id: string,
    expiresAt: number,
  ): Promise<Result<"consumed" | "already-used", LedgerFailure>>;
}
