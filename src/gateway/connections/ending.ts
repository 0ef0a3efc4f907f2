import { audit } from "../../core/audit.ts";
import type { Log } from "../../core/log.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import { type GrantFailure, nameOfFailure } from "../grants/grant-failure.ts";
import type { GrantEnd } from "../grants/grant-record.ts";
import type { Connection, Grants } from "../grants/grants.ts";

export interface EndingOptions {
  readonly grants: Pick<Grants, "end">;
  readonly log: Log;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  /** Of the events in the audit log. */
  readonly correlationId: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Ends connections of one person, each with an event in the audit log, and tells how many had not ended
 * before. Where one cannot be ended the rest is left, for the same to be tried again.
 */
export async function endConnections(
  objectId: string,
  connections: readonly Connection[],
  why: GrantEnd,
  { grants, log, monotonicNow, correlationId, signal }: EndingOptions,
): Promise<Result<number, GrantFailure>> {
  let count = 0;
  for (const { grantId, clientId } of connections) {
    const startedAt = monotonicNow();
    const ended = await grants.end(objectId, grantId, why, signal);
    if (ended.ok && !ended.value) continue;
    audit(log, {
      action: "gateway-connection-ended",
      ...outcomeOf(ended, why),
      ...{ objectId, clientId, correlationId },
      durationMilliseconds: Math.round(monotonicNow() - startedAt),
    });
    if (!ended.ok) return ended;
    count += 1;
  }
  return success(count);
}

function outcomeOf(ended: Result<boolean, GrantFailure>, why: GrantEnd) {
  if (ended.ok) return { outcome: "success", got: why } as const;
  const isUnknown = "isOutcomeUnknown" in ended.reason.reason;
  return {
    outcome: isUnknown ? "unknown" : "failed",
    reason: nameOfFailure(ended.reason),
  } as const;
}

export interface PersonConnectionsOptions {
  readonly grants: Pick<Grants, "connectionsOf" | "everyConnectionOf" | "end">;
  readonly log: Log;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
}

/** What a domain is given of the gateway: see `Connections` in `src/define-domain.ts`. */
export function createPersonConnections(options: PersonConnectionsOptions) {
  const { grants } = options;
  return {
    async count(objectId: string, signal?: AbortSignal): Promise<Result<number, StoreFailure>> {
      const found = await grants.connectionsOf(objectId, signal);
      return found.ok ? success(found.value.length) : failure(storeFailureOf(found.reason));
    },

    async endAll(
      objectId: string,
      correlationId: string,
      signal?: AbortSignal,
    ): Promise<Result<number, StoreFailure>> {
      const found = await grants.everyConnectionOf(objectId, signal);
      if (!found.ok) return failure(storeFailureOf(found.reason));
      const ending = { ...options, correlationId, signal };
      const ended = await endConnections(objectId, found.value, "person-erased", ending);
      return ended.ok ? ended : failure(storeFailureOf(ended.reason));
    },
  };
}

/** A domain knows of storage alone. */
function storeFailureOf({ kind, reason }: GrantFailure): StoreFailure {
  return kind === "store" ? reason : { kind: "unavailable", cause: reason.cause };
}
