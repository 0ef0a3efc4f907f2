import { failure, type Result, success } from "../../../src/core/result.ts";
import type { Connections } from "../../../src/define-domain.ts";
import type { StoreFailure } from "../../../src/storage/failure.ts";

/** How many clients each person has connected, in this process. */
export class MemoryConnections implements Connections {
  readonly kept = new Map<string, number>();
  /** Whether the gateway's store is out of reach. */
  isOut = false;

  async count(objectId: string): Promise<Result<number, StoreFailure>> {
    if (this.isOut) return failure({ kind: "unavailable", cause: "out" });
    return success(this.kept.get(objectId) ?? 0);
  }

  async endAll(objectId: string): Promise<Result<number, StoreFailure>> {
    const counted = await this.count(objectId);
    if (counted.ok) this.kept.delete(objectId);
    return counted;
  }
}
