import type { Log } from "../core/log.ts";
import { type Failure, failure } from "../core/result.ts";
import type { ToolFailure } from "../mcp/tool.ts";

/**
 * Why the store could not do what it was asked. Nothing in it is for the model but the kind, and that
 * the outcome is unknown: a write was sent, and it may have taken place.
 */
export type StoreFailure =
  /** Too many requests, after the client's own retries. */
  | { readonly kind: "throttled"; readonly retryAfterMilliseconds?: number }
  /** Out of reach. `cause` is for the log. */
  | { readonly kind: "unavailable"; readonly cause: string; readonly isOutcomeUnknown?: true }
  /** The server may not do this: a role is missing. Waiting does not help. */
  | { readonly kind: "denied"; readonly cause: string }
  /** The person's partition holds all that one can (20 GB). Only deleting helps. */
  | { readonly kind: "full"; readonly cause: string }
  /** What was to be written, or the answer, is larger than the service takes (2 MB for an item). */
  | { readonly kind: "too-large"; readonly cause: string }
  /** Another write to the same item was under way; this one did not take place. */
  | { readonly kind: "busy" }
  /** All that the person has is being deleted: until that has ended, nothing is stored. */
  | { readonly kind: "being-erased" }
  /** The call's signal was aborted. */
  | { readonly kind: "cancelled"; readonly isOutcomeUnknown?: true }
  | UnreadableItem;

/** Names one version of an item of one person. */
export interface ItemVersion {
  readonly userId: string;
  readonly id: string;
  readonly etag: string;
}

/** A stored item is not what this version of the server knows. It can still be named and deleted. */
export interface UnreadableItem extends ItemVersion {
  readonly kind: "unreadable-item";
  /** Those that the schema does not know as they are. */
  readonly properties: readonly string[];
  /** The item as it is in the container. */
  readonly stored: Readonly<Record<string, unknown>>;
}

/** How a domain speaks of what it stores. */
export interface StoreWords {
  /** All of it, at the beginning of a sentence: `The documents`. */
  readonly all: string;
  /** One item: `document`. */
  readonly one: string;
}

/** Turns a store's failures into a tool's: the model gets the words, the log gets the cause. */
export function storeToolFailures(words: StoreWords) {
  return (reason: StoreFailure, log: Log): Failure<ToolFailure> => {
    const cause = causeOf(reason);
    if (cause !== undefined) log("error", "store.failed", { reason: reason.kind, cause });
    const isOutcomeUnknown = "isOutcomeUnknown" in reason;
    return failure({
      reason: `store-${reason.kind}`,
      message: textOf(reason, words),
      ...(isOutcomeUnknown && { isOutcomeUnknown }),
    });
  };
}

function causeOf(reason: StoreFailure): string | undefined {
  if (reason.kind === "unreadable-item") return reason.properties.join(" ");
  return "cause" in reason ? reason.cause : undefined;
}

function textOf(failure: StoreFailure, { all, one }: StoreWords): string {
  switch (failure.kind) {
    case "throttled": {
      const { retryAfterMilliseconds } = failure;
      if (retryAfterMilliseconds === undefined) {
        return `${all} are asked for too often right now. Try again in a few seconds.`;
      }
      const seconds = Math.max(1, Math.ceil(retryAfterMilliseconds / 1000));
      return `${all} are asked for too often right now. Try again in ${seconds} s.`;
    }
    case "unavailable":
      return `${all} cannot be reached right now. Try again in a minute.`;
    case "denied":
      return `This server is not allowed to reach ${all.toLowerCase()}. Tell the people who run it.`;
    case "full":
      return `${all} have no more room: as many are stored as one person can have. Nothing was stored. Delete what is no longer needed, or tell the people who run this server.`;
    case "too-large":
      return `This is more than can be stored or read at once. Store a shorter ${one}, or ask for fewer.`;
    case "busy":
      return `Another request is changing the same ${one} right now, and this one changed nothing. Try again in a few seconds.`;
    case "being-erased":
      return "Everything of yours is being deleted, as you asked. Until that has ended, nothing can be added or changed, and this call stored nothing. Try again in a few minutes.";
    case "cancelled":
      return `${all} did not answer in time. Try again.`;
    case "unreadable-item":
      return unreadableText([failure.id], one);
  }
}

/** What to tell the model of stored items that cannot be read. */
export function unreadableText(ids: readonly string[], one: string): string {
  const what = ids.length === 1 ? `1 ${one}` : `${ids.length} ${one}s`;
  return `${what} could not be read: ${ids.join(", ")}. Tell the people who run this server.`;
}
