import type { Container } from "@azure/cosmos";
import { abortable } from "../core/deadline.ts";
import { thrown } from "../core/log.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { StoreFailure } from "./failure.ts";

/**
 * Makes a value of what a call to Cosmos DB fails with, after the SDK's own retries.
 *
 * @throws {Error} the SDK's own, where the request itself was wrong (400), which is our mistake
 * @see https://learn.microsoft.com/rest/api/cosmos-db/http-status-codes-for-cosmosdb
 */
export async function callCosmos<Value>(
  call: () => Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Result<Value, StoreFailure>> {
  try {
    // The SDK heeds the signal between its retries only.
    return success(await abortable(call(), signal));
  } catch (error) {
    if (signal?.aborted) return failure({ kind: "cancelled" });
    if (hasStatus(error, 400)) throw error;
    if (hasStatus(error, 429)) {
      return failure({ kind: "throttled", retryAfterMilliseconds: retryAfterOf(error) });
    }
    const denied = hasStatus(error, 401) || hasStatus(error, 403);
    return failure({ kind: denied ? "denied" : "unavailable", cause: thrown(error) });
  }
}

/** A call that writes to a container: where it fails once it was sent, it may have taken place. */
export async function writeToCosmos<Value>(
  open: () => Promise<Container>,
  write: (container: Container) => Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Result<Value, StoreFailure>> {
  let isSent = false;
  let isRefused = false;
  const written = await callCosmos(async () => {
    const container = await open();
    signal?.throwIfAborted();
    isSent = true;
    return write(container).catch((error: unknown) => {
      isRefused = isKnownRefusal(error);
      throw error;
    });
  }, signal);
  if (written.ok || !isSent || isRefused) return written;
  const { reason } = written;
  const isOpen = reason.kind === "unavailable" || reason.kind === "cancelled";
  return isOpen ? failure({ ...reason, isOutcomeUnknown: true }) : written;
}

/**
 * The service has said no, or there was no token to ask it with. A connection that was refused proves
 * nothing: the SDK may have sent the write before, over one that broke.
 */
function isKnownRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const status = "code" in error && typeof error.code === "number" ? error.code : 0;
  const isNo = status >= 400 && status < 500 && status !== 408;
  return isNo || /Authentication|Credential/.test(error.name);
}

/** Whether `error` is the service's answer with this status; other failures have a name as code. */
export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof Error && "code" in error && error.code === status;
}

function retryAfterOf(error: unknown): number | undefined {
  const isKnown = error instanceof Error && "retryAfterInMs" in error;
  return isKnown && typeof error.retryAfterInMs === "number" ? error.retryAfterInMs : undefined;
}
