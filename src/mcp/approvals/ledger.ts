import { type ContainerClient, RestError } from "@azure/storage-blob";
import type { CallerClaims } from "../../core/caller.ts";
import { type Log, thrown } from "../../core/log.ts";
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

  /**
   * Forgets approvals that expired {@link rememberedLonger} ago: no more than {@link sweptAtOnce}, the
   * rest the next time. May be done twice, and by several at once.
   *
   * @param now milliseconds since the epoch
   * @returns how many it has forgotten, up to where the signal stopped it
   */
  sweep(now: number, signal: AbortSignal): Promise<Result<number, LedgerFailure>>;
}

/**
 * A used approval is remembered for so long after it expired, in milliseconds: an instance whose clock
 * is behind would accept it again.
 */
export const rememberedLonger = 60 * 60 * 1000;
export const sweptAtOnce = 1_000;
/** Of one sweep, in marks: those that have not expired are looked at too. */
const lookedAt = 10 * sweptAtOnce;

/** Below it each used approval is an empty blob. */
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

  async sweep(now: number, signal: AbortSignal): Promise<Result<number, LedgerFailure>> {
    let looked = 0;
    let forgotten = 0;
    try {
      const marks = this.#container.listBlobsFlat({
        prefix: usedApprovalsPrefix,
        includeMetadata: true,
        abortSignal: signal,
      });
      for await (const { name, metadata } of marks) {
        looked += 1;
        // A mark without a date is left to the storage account's lifecycle rule.
        if (Date.parse(metadata?.expires ?? "") + rememberedLonger <= now) {
          await this.#container.getBlockBlobClient(name).deleteIfExists({ abortSignal: signal });
          forgotten += 1;
        }
        if (looked === lookedAt || forgotten === sweptAtOnce) break;
      }
    } catch (error) {
      if (!signal.aborted) return failure({ kind: "unavailable", cause: thrown(error) });
    }
    return success(forgotten);
  }
}

/** Has a ledger forget what has expired, as a piece of the server's upkeep. */
export function ledgerUpkeep(
  ledger: ApprovalLedger,
  now: () => number,
): (signal: AbortSignal, log: Log) => Promise<void> {
  return async (signal, log) => {
    const swept = await ledger.sweep(now(), signal);
    if (!swept.ok) log("warn", "approvals.not-swept", { cause: swept.reason.cause });
    else if (swept.value > 0) log("info", "approvals.swept", { forgotten: swept.value });
  };
}
