import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import type { CallerClaims } from "../../core/caller.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { type KeyRing, meaningOf, type TokenProblem } from "../../keys/key-ring.ts";
import type { ApprovalRefusal, ApprovalWay } from "./refusal.ts";

/** How long a question can be answered, or a confirmation used, in milliseconds. */
export const approvalLifetime = 10 * 60 * 1000;

/** One purpose for each way: a question's state never passes for a confirmation. */
const purposes: Readonly<Record<ApprovalWay, string>> = {
  question: "approval-request-state",
  confirmation: "approval-confirmation",
};

/** The call that an approval is for; it is good for no other. */
export interface ApprovedCall {
  readonly caller: Pick<CallerClaims, "tenantId" | "objectId" | "clientId">;
  readonly tool: string;
  /** The checked arguments. */
  readonly input: object;
}

const claimsSchema = z.object({
  /** Names the approval, so that it can be used up. */
  id: z.uuid(),
  clientId: z.string(),
  tool: z.string(),
  /** Digest of the arguments. */
  input: z.string(),
  /** Digest of what was shown. */
  affected: z.string(),
});

export type ApprovalClaims = z.output<typeof claimsSchema>;

export interface ApprovalToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * What carries an approval from one call to the next: signed, expiring, and bound to caller, client
 * application, tool, arguments and what was shown (MCP specification, Multi Round-Trip Requests,
 * Server Requirements). It can be read by whoever holds it, and says nothing that they do not know.
 */
export interface ApprovalTokens {
  issue(
    way: ApprovalWay,
    call: ApprovedCall,
    affected: object,
  ): Promise<Result<ApprovalToken, ApprovalRefusal>>;

  /** What `token` says, if this server gave it to this person for this way of approving. */
  read(
    way: ApprovalWay,
    token: string,
    caller: ApprovedCall["caller"],
  ): Promise<Result<ApprovalClaims, ApprovalRefusal>>;
}

/** @param now milliseconds since the epoch */
export function createApprovalTokens(keyRing: KeyRing, now: () => number): ApprovalTokens {
  return {
    async issue(way, { caller, tool, input }, affected) {
      // The signature holds whole seconds; what is told of it agrees.
      const expiresAt = Math.floor((now() + approvalLifetime) / 1000) * 1000;
      const claims: ApprovalClaims = {
        id: randomUUID(),
        clientId: caller.clientId,
        tool,
        input: digestOf(input),
        affected: digestOf(affected),
      };
      const subject = subjectOf(caller);
      const signed = await keyRing.sign(purposes[way], claims, { subject, expiresAt });
      return signed.ok
        ? success({ token: signed.value, expiresAt })
        : failure(refusalOf(signed.reason));
    },

    async read(way, token, caller) {
      const verified = await keyRing.verify(purposes[way], token, { subject: subjectOf(caller) });
      if (!verified.ok) return failure(refusalOf(verified.reason));
      const claims = claimsSchema.safeParse(verified.value);
      return claims.success ? success(claims.data) : failure({ kind: "malformed" });
    },
  };
}

/** Why an approval with these claims is not one of `call`, if it is not. */
export function mismatch(
  claims: ApprovalClaims,
  { caller, tool, input }: ApprovedCall,
): ApprovalRefusal | undefined {
  if (claims.clientId !== caller.clientId) {
    return { kind: "other-client", got: claims.clientId, expected: caller.clientId };
  }
  if (claims.tool !== tool) return { kind: "other-tool", got: claims.tool, expected: tool };
  if (claims.input !== digestOf(input)) return { kind: "other-arguments" };
  return undefined;
}

function refusalOf(problem: TokenProblem): ApprovalRefusal {
  const kind = meaningOf(problem);
  if (kind === "unavailable") return { kind, cause: `keys ${problem.kind}` };
  return { kind: kind === "foreign" ? "other-caller" : kind };
}

/** An object id is unique within its tenant only. */
function subjectOf({ tenantId, objectId }: ApprovedCall["caller"]): string {
  return `${tenantId}/${objectId}`;
}

/**
 * A digest that equal values share, in whatever order their members stand: SHA-256, base64url.
 *
 * @param value what JSON can hold; members that are undefined do not count
 */
export function digestOf(value: object): string {
  const canonical = JSON.stringify(value, (_name, member: unknown) =>
    isPlainObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  );
  return createHash("sha256").update(canonical).digest("base64url");
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
