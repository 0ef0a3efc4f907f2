import { type ContainerClient, RestError } from "@azure/storage-blob";
import type { CallerClaims } from "../../core/caller.ts";
import { thrown } from "../../core/log.ts";
import { failure, type Result, success } from "../../core/result.ts";

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

/** Below it each used approval is an empty blob. Whoever keeps the account may delete old ones. */
export const usedApprovalsPrefix = "used-approvals/";

/** Milliseconds, the SDK's retries included: the person waits for it. */
const timeout = 5_000;

/**
 * Used approvals as empty blobs, each made once with `If-None-Match: *` (RFC 9110 section 13.1.2).
 * Blob Storage and not the database, so that approvals do not depend on the domain, and since the
 * key ring that signs them lies there too: one outage, not two.
 *
 * Where the answer to a write is lost and the SDK repeats it, an approval counts as used although
 * nothing was done with it: at most once, never twice.
 */
export class BlobApprovalLedger implements ApprovalLedger {
  readonly #container: ContainerClient;

  constructor(container: ContainerClient) {
    this.#container = container;
  }

  async consume(
    { tenantId, objectId }: ApprovalOwner,
    id: string,
    expiresAt: number,
  ): Promise<Result<"consumed" | "already-used", LedgerFailure>> {
    const name = `${usedApprovalsPrefix}${tenantId}/${objectId}/${id}`;
    try {
      await this.#container.getBlockBlobClient(name).upload("", 0, {
        abortSignal: AbortSignal.timeout(timeout),
        conditions: { ifNoneMatch: "*" },
        metadata: { expires: new Date(expiresAt).toISOString() },
      });
      return success("consumed");
    } catch (error) {
      if (error instanceof RestError && error.code === "BlobAlreadyExists") {
        return success("already-used");
      }
      return failure({ kind: "unavailable", cause: thrown(error) });
    }
  }
}
