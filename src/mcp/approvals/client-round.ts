import {
  CLIENT_CAPABILITIES_META_KEY,
  inputResponse,
  type McpRequestContext,
  type ServerContext,
  type ServerOptions,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import type { RequestAuditEvent } from "../../core/audit.ts";
import type { Approvals } from "./approvals.ts";

/** Names the question among a result's `inputRequests` and the answers that come back. */
export const questionName = "approval";

/** What one request says of its client, and brings back of a question put to the person. */
export interface ClientRound {
  /** Whether this client can put a question to the person. */
  readonly canBeAsked: boolean;
  /** What the question was sent with, as the client echoes it: untrusted. */
  readonly requestState: string | undefined;
  /** What the person did with the question; absent where the request brings no answer. */
  readonly answer: "accept" | "decline" | "cancel" | undefined;
}

/** The approvals of the server, and what this request brings for them. */
export interface ApprovalChannel {
  readonly approvals: Approvals;
  readonly client: ClientRound;
}

type RequestParts = Pick<ServerContext["mcpReq"], "envelope" | "inputResponses" | "requestState">;

/**
 * Reads a request. Only the 2026-07-28 revision has a way back to the person in stateless serving;
 * in legacy ones a question would be put to nobody, and what looks like an answer is none.
 */
export function clientRound(
  era: McpRequestContext["era"],
  { envelope, inputResponses, requestState }: RequestParts,
): ClientRound {
  const state: unknown = requestState();
  const response = inputResponse(inputResponses, questionName);
  return {
    canBeAsked: era === "modern" && showsForms(envelope),
    requestState: typeof state === "string" ? state : undefined,
    answer: response.kind === "elicit" ? response.action : undefined,
  };
}

const elicitingEnvelope = z.object({
  [CLIENT_CAPABILITIES_META_KEY]: z.object({
    elicitation: z.object({ form: z.unknown(), url: z.unknown() }).partial(),
  }),
});

/** A declaration without any mode means forms (MCP specification, Elicitation, Capabilities). */
function showsForms(envelope: unknown): boolean {
  const declared = elicitingEnvelope.safeParse(envelope);
  if (!declared.success) return false;
  const { form, url } = declared.data[CLIENT_CAPABILITIES_META_KEY].elicitation;
  return form !== undefined || url === undefined;
}

/**
 * Refuses a request whose `requestState` this server did not give out, as the SDK's answer to that:
 * -32602, before any tool runs (MCP specification, Multi Round-Trip Requests, Server Requirements).
 * Everything else that can be wrong with it, down to an honest person who took too long, is left to
 * the tool, whose words reach the model. Legacy revisions have no such state, and ignore it.
 */
export function requestStateCheck(
  approvals: Approvals,
  era: McpRequestContext["era"],
  { audit }: { audit(event: RequestAuditEvent): void },
): ServerOptions["requestState"] {
  if (era !== "modern") return undefined;
  return {
    async verify(requestState) {
      const reason = await approvals.forgery(requestState);
      if (reason === undefined) return;
      audit({ action: "approval", outcome: "refused", way: "question", reason });
      throw new Error(reason);
    },
  };
}
