import type { ToolFailure } from "../mcp/tool.ts";
import { type Failure, failure } from "../result.ts";
import type { Log } from "../telemetry/log.ts";
import { type StoreFailure, storeFailureText } from "./store.ts";

/** A store's failure as a tool's: the model gets the words, the log gets the cause. */
export function storeToolFailure(reason: StoreFailure, log: Log): Failure<ToolFailure> {
  if ("cause" in reason) log("error", "store.failed", { reason: reason.kind, cause: reason.cause });
  return failure({ reason: `store-${reason.kind}`, message: storeFailureText(reason) });
}
