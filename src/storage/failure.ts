import type { Log } from "../core/log.ts";
import { type Failure, failure } from "../core/result.ts";
import { type StoreFailure, storeFailureText } from "../expenses/store.ts";
import type { ToolFailure } from "../mcp/tool.ts";

/** A store's failure as a tool's: the model gets the words, the log gets the cause. */
export function storeToolFailure(reason: StoreFailure, log: Log): Failure<ToolFailure> {
  if ("cause" in reason) log("error", "store.failed", { reason: reason.kind, cause: reason.cause });
  return failure({ reason: `store-${reason.kind}`, message: storeFailureText(reason) });
}
