import { setImmediate } from "node:timers/promises";
import { failure, type Result, success } from "../../../src/core/result.ts";
import {
  type ApprovalLedger,
  type ApprovalOwner,
  type LedgerFailure,
  rememberedLonger,
} from "../../../src/mcp/approvals/ledger.ts";

/** A ledger in memory that answers in a later turn, as a network would, and fails when told to. */
export class MemoryApprovalLedger implements ApprovalLedger {
  readonly used = new Map<string, number>();
  isOut = false;
  hangs = false;

  async consume(
    { tenantId, objectId }: ApprovalOwner,
    id: string,
    expiresAt: number,
  ): Promise<Result<"consumed" | "already-used", LedgerFailure>> {
    await setImmediate();
    if (this.hangs) return new Promise(() => {});
    if (this.isOut) return failure({ kind: "unavailable", cause: "outage" });
    const name = `${tenantId}/${objectId}/${id}`;
    if (this.used.has(name)) return success("already-used");
    this.used.set(name, expiresAt);
    return success("consumed");
  }

  async sweep(now: number): Promise<Result<number, LedgerFailure>> {
    await setImmediate();
    if (this.isOut) return failure({ kind: "unavailable", cause: "outage" });
    const expired = [...this.used].filter(([, expiresAt]) => expiresAt + rememberedLonger <= now);
    for (const [name] of expired) this.used.delete(name);
    return success(expired.length);
  }
}
