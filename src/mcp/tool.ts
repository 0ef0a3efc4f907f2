import type { RequestAuditEvent } from "../core/audit.ts";
import type { Caller } from "../core/caller.ts";
import type { Log } from "../core/log.ts";
import type { ClaimsChallenge } from "./claims-challenge.ts";

/** What a handler is given beside its input. */
export interface ToolContext {
  readonly caller: Caller;
  /** Aborts when the invocation's time is up. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Writes down what this caller did, or was not let do. */
  readonly audit: (event: RequestAuditEvent) => void;
  /**
   * Has the request answered with a claims challenge instead of the tool's result, and says whether
   * it will be: a client that cannot handle the challenge would only loop.
   */
  challenge(claims: ClaimsChallenge): boolean;
}

/**
 * A failure that the model is told of. `message` reaches the model word for word, so it is written
 * for it: what is wrong and what to do, nothing internal. `reason` goes to the log.
 */
export interface ToolFailure {
  readonly reason: string;
  readonly message: string;
  /** What the person has to fulfil in a new sign-in before it can work: the authority's JSON. */
  readonly claims?: string | undefined;
}
