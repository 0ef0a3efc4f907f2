import { createHash, randomBytes } from "node:crypto";
import type { CallerClaims } from "../../core/caller.ts";
import { isObject } from "../../core/encoding.ts";
import { failure, type Result, success } from "../../core/result.ts";
import {
  type HandleKind,
  type HandleProblem,
  type KeyRing,
  meaningOf,
} from "../../keys/key-ring.ts";
import type { ApprovalRefusal, ApprovalWay } from "./refusal.ts";

/** How long a question can be answered, or a confirmation used, in milliseconds. */
export const approvalLifetime = 10 * 60 * 1000;

/** What an approval is bound to, in the order in which a difference is told. */
type Bound = "caller" | "client" | "tool" | "arguments";

/** One purpose for each way: a question's state never passes for a confirmation. */
const kinds: Readonly<Record<ApprovalWay, HandleKind<Bound>>> = {
  question: kindFor("approval-request-state"),
  confirmation: kindFor("approval-confirmation"),
};

function kindFor(purpose: string): HandleKind<Bound> {
  return { purpose, bound: { caller: 4, client: 2, tool: 2, arguments: 4 } };
}

/** The call that an approval is for; it is good for no other. */
export interface ApprovedCall {
  readonly caller: Pick<CallerClaims, "tenantId" | "objectId" | "clientId">;
  readonly tool: string;
  /** The checked arguments. */
  readonly input: object;
}

/**
 * Bytes of an approval's id. It is random, and its mark is kept below the person's own name: of a
 * thousand approvals that one person uses within an hour, two have one id, so that the second is
 * refused, with a probability of 1 in 10^16.
 */
const idBytes = 9;
/** Bytes of the digest of what was shown. */
const shownBytes = 16;

/** An approval that is good for the call. */
export interface Approval {
  /** Names the approval, so that it can be used up. */
  readonly id: string;
  /** Digest of what was shown. */
  readonly shown: string;
}

export interface ApprovalHandle {
  readonly handle: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * What carries an approval from one call to the next: a handle, expiring, and bound to caller, client
 * application, tool, arguments and what was shown (MCP specification, Multi Round-Trip Requests,
 * Server Requirements).
 */
export interface ApprovalHandles {
  issue(
    way: ApprovalWay,
    call: ApprovedCall,
    affected: object,
  ): Promise<Result<ApprovalHandle, ApprovalRefusal>>;

  /** What `handle` says, if this server gave it out for this call and this way of approving. */
  read(
    way: ApprovalWay,
    handle: string,
    call: ApprovedCall,
  ): Promise<Result<Approval, ApprovalRefusal>>;

  /** Why `handle` is nothing that this server gives out for this way of approving, if it is not. */
  forgery(way: ApprovalWay, handle: string): Promise<"malformed" | "altered" | undefined>;
}

/** @param now milliseconds since the epoch */
export function createApprovalHandles(keyRing: KeyRing, now: () => number): ApprovalHandles {
  return {
    async issue(way, call, affected) {
      // A handle holds whole seconds; what is told of it agrees.
      const expiresAt = Math.floor((now() + approvalLifetime) / 1000) * 1000;
      const shown = Buffer.from(shownDigest(affected), "base64url");
      const payload = Buffer.concat([randomBytes(idBytes), shown]);
      const sealed = await keyRing.seal(kinds[way], payload, valuesOf(call), expiresAt);
      return sealed.ok
        ? success({ handle: sealed.value, expiresAt })
        : failure(refusalOf(sealed.reason));
    },

    async read(way, handle, call) {
      const opened = await keyRing.open(kinds[way], handle, valuesOf(call));
      if (!opened.ok) return failure(refusalOf(opened.reason));
      const payload = Buffer.from(opened.value);
      return success({
        id: payload.subarray(0, idBytes).toString("base64url"),
        shown: payload.subarray(idBytes).toString("base64url"),
      });
    },

    async forgery(way, handle) {
      const problem = await keyRing.problemWith(kinds[way], handle);
      if (!problem || problem.kind === "differs") return undefined;
      const meaning = meaningOf(problem);
      return meaning === "malformed" || meaning === "altered" ? meaning : undefined;
    },
  };
}

function valuesOf({ caller, tool, input }: ApprovedCall): Record<Bound, string> {
  return {
    // An object id is unique within its tenant only.
    caller: `${caller.tenantId}/${caller.objectId}`,
    client: caller.clientId,
    tool,
    arguments: digestOf(input),
  };
}

function refusalOf(problem: HandleProblem<Bound>): ApprovalRefusal {
  if (problem.kind === "differs") {
    const { names } = problem;
    if (names.includes("caller")) return { kind: "other-caller" };
    if (names.includes("client")) return { kind: "other-client" };
    if (names.includes("tool")) return { kind: "other-tool" };
    return { kind: "other-arguments" };
  }
  const kind = meaningOf(problem);
  return kind === "unavailable" ? { kind, cause: `keys ${problem.kind}` } : { kind };
}

/** A digest of what a call would change, as long as an approval holds it. */
export function shownDigest(affected: object): string {
  return Buffer.from(digestOf(affected), "base64url").subarray(0, shownBytes).toString("base64url");
}

/**
 * A digest that equal values share, in whatever order their members stand: SHA-256, base64url.
 *
 * @param value what JSON can hold; members that are undefined do not count
 */
export function digestOf(value: object): string {
  const canonical = JSON.stringify(value, (_name, member: unknown) =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  );
  return createHash("sha256").update(canonical).digest("base64url");
}
