import { abortable } from "../core/deadline.ts";
import { thrown } from "../core/log.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { StoreFailure } from "./failure.ts";

/**
 * Makes a value of what a call to Blob Storage fails with, after the SDK's own retries.
 *
 * @throws {Error} the SDK's own, where the request itself was wrong (400), which is our mistake
 * @see https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
 */
export async function callBlobStorage<Value>(
  call: () => Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Result<Value, StoreFailure>> {
  try {
    return success(await abortable(call(), signal));
  } catch (error) {
    if (signal?.aborted) return failure({ kind: "cancelled" });
    const status = statusOf(error);
    if (status === 400) throw error;
    // A busy service says 503 where others say 429.
    if (status === 429 || (status === 503 && hasBlobCode(error, "ServerBusy"))) {
      return failure({ kind: "throttled", ...retryAfterOf(error) });
    }
    const denied = status === 401 || status === 403;
    return failure({ kind: denied ? "denied" : "unavailable", cause: thrown(error) });
  }
}

/** Whether `error` is the service's answer with this error code. */
export function hasBlobCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function statusOf(error: unknown): number | undefined {
  const isAnswer = error instanceof Error && "statusCode" in error;
  return isAnswer && typeof error.statusCode === "number" ? error.statusCode : undefined;
}

/** The service says it in seconds (RFC 9110 section 10.2.3), or not at all. */
function retryAfterOf(error: unknown): { retryAfterMilliseconds?: number } {
  const { response } = error as {
    response?: { headers?: { get(name: string): string | undefined } };
  };
  const seconds = Number(response?.headers?.get("retry-after"));
  return seconds > 0 ? { retryAfterMilliseconds: seconds * 1000 } : {};
}
