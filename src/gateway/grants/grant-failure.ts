import type { Log } from "../../core/log.ts";
import type { KeyRingFailure } from "../../keys/stored-keys.ts";
import type { StoreFailure } from "../../storage/failure.ts";

/** Why a grant could not be made, read or ended: the same may succeed later. */
export type GrantFailure =
  | { readonly kind: "store"; readonly reason: StoreFailure }
  | { readonly kind: "keys"; readonly reason: KeyRingFailure };

/** Seconds after which to try again what cannot be done now, where nobody says. */
export const retrySeconds = 5;

/** When to try again after such a failure, in seconds. */
export function retryAfterOf({ reason }: GrantFailure): number {
  const milliseconds = "retryAfterMilliseconds" in reason ? reason.retryAfterMilliseconds : 0;
  return Math.max(1, Math.ceil((milliseconds || retrySeconds * 1000) / 1000));
}

/** The reason in one word, as the audit log has it: `store-throttled`. */
export function nameOfFailure({ kind, reason }: GrantFailure): string {
  return `${kind}-${reason.kind}`;
}

/** Writes down what kept a grant from being read or written, and nothing that it holds. */
export function logGrantFailure(event: string, { kind, reason }: GrantFailure, log: Log): void {
  const cause = "cause" in reason ? { cause: reason.cause } : {};
  log("error", event, { of: kind, reason: reason.kind, ...cause });
}
