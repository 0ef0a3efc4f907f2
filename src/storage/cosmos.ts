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
    return failure(storeFailureOf(error));
  }
}

function storeFailureOf(error: unknown): StoreFailure {
  const cause = thrown(error);
  switch (statusOf(error)) {
    case 401:
      return { kind: "denied", cause };
    case 403:
      return { kind: kindOfForbidden(error), cause };
    case 413:
      return { kind: "too-large", cause };
    case 429:
      return { kind: "throttled", retryAfterMilliseconds: retryAfterOf(error) };
    case 449:
      // Another write to the same item is under way. The SDK does not repeat it, unlike those of .NET and Java.
      return { kind: "busy" };
    default:
      return { kind: "unavailable", cause };
  }
}

/** @see https://learn.microsoft.com/azure/cosmos-db/troubleshoot-forbidden */
function kindOfForbidden(error: unknown): "full" | "unavailable" | "denied" {
  const isKnown = error instanceof Error && "substatus" in error;
  switch (isKnown ? error.substatus : undefined) {
    // The partition has reached its 20 GB.
    case 1014:
      return "full";
    // The region takes no writes, or is not part of the account: a failover is under way.
    case 3:
    case 1008:
      return "unavailable";
    default:
      return "denied";
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
  const status = statusOf(error);
  const isNo = status >= 400 && status < 500 && status !== 408;
  return isNo || /Authentication|Credential/.test(error.name);
}

/** Whether `error` is the service's answer with this status; other failures have a name as code. */
export function hasStatus(error: unknown, status: number): boolean {
  return statusOf(error) === status;
}

/** 0 where the service did not answer. */
function statusOf(error: unknown): number {
  const isKnown = error instanceof Error && "code" in error;
  return isKnown && typeof error.code === "number" ? error.code : 0;
}

function retryAfterOf(error: unknown): number | undefined {
  const isKnown = error instanceof Error && "retryAfterInMs" in error;
  return isKnown && typeof error.retryAfterInMs === "number" ? error.retryAfterInMs : undefined;
}
