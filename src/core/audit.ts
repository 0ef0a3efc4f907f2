import { z } from "zod";
import type { CallerClaims } from "./caller.ts";
import type { Log, LogLevel } from "./log.ts";

/**
 * What is written down of who did what: one event per authentication, refused authorization,
 * on-behalf-of exchange, approval, tool call, read resource, prompt, completion and erasure, and per step of
 * a client's way through the gateway. Never a token, never a tool's arguments, and of a person nothing but
 * the object id. This schema is the contract of those who query the log; each
 * event is a log line whose `event` is `audit.` and the action.
 */
export const auditEventSchema = z.strictObject({
  action: z
    .enum([
      "authentication",
      "authorization",
      "exchange",
      "approval",
      "tool-call",
      "resource-read",
      "prompt-get",
      "completion",
      "erasure-begun",
      "erasure-ended",
      "gateway-registration",
      "gateway-consent",
      "gateway-sign-in",
      "gateway-code",
      "gateway-refresh",
      "gateway-reuse",
      "gateway-revocation",
      "gateway-connection-ended",
    ])
    .describe("What was done, or attempted."),
  outcome: z
    .enum(["success", "refused", "failed", "challenged", "unknown"])
    .describe(
      "refused: not allowed. failed: something did not work. challenged: the person has to do something first. unknown: it may or may not have been done.",
    ),
  reason: z
    .string()
    .optional()
    .describe("Why not, as a tagged reason of the code; absent on success."),
  objectId: z.string().optional().describe("Who: the person's object id, where it is known."),
  clientId: z
    .string()
    .optional()
    .describe(
      "Through which client application, where it is known: azp, or its client_id at the gateway.",
    ),
  agent: z
    .enum(["for-person", "own-account"])
    .optional()
    .describe("That an AI agent acts: for the person, or through a user account of its own."),
  agentParentId: z
    .string()
    .optional()
    .describe("The agent's parent application (xms_par_app_azp), where the token names it."),
  tool: z.string().optional().describe("Which tool."),
  name: z.string().optional().describe("Which resource or prompt, as its definition names it."),
  way: z
    .enum(["question", "confirmation"])
    .optional()
    .describe("How an approval was asked for: by the client, or by two calls."),
  resource: z.string().optional().describe("For which API a token was exchanged: the scopes."),
  code: z.string().optional().describe("The authority's own error code, AADSTS…"),
  got: z.string().optional().describe("What was found, where that says more than the reason."),
  expected: z.string().optional().describe("What should have been found."),
  count: z
    .number()
    .optional()
    .describe(
      "How many requests it stands for, where it is a sum of several: those without credentials.",
    ),
  durationMilliseconds: z.number().describe("How long it took."),
  correlationId: z
    .string()
    .describe(
      "The platform's invocation id; of an exchange, the client-request-id that the authority logs too.",
    ),
});

export type AuditEvent = z.infer<typeof auditEventSchema>;

/** An event of one caller's request: who, how long and the correlation id are known already. */
export type RequestAuditEvent = Omit<
  AuditEvent,
  keyof CallerAuditFields | "durationMilliseconds" | "correlationId"
>;

type CallerAuditFields = Pick<AuditEvent, "objectId" | "clientId" | "agent" | "agentParentId">;

/** Who calls, as an audit event says it. */
export function auditFieldsOf({ objectId, clientId, agent }: CallerClaims): CallerAuditFields {
  if (!agent) return { objectId, clientId };
  return { objectId, clientId, agent: agent.kind, agentParentId: agent.parentId };
}

/**
 * Writes an audit event.
 *
 * @param level how much attention it asks for; a warning, unless given, where something was refused
 *   or failed
 */
export function audit(
  log: Log,
  { action, ...event }: AuditEvent,
  level: LogLevel = levelOf(event.outcome),
): void {
  log(level, `audit.${action}`, event);
}

function levelOf(outcome: AuditEvent["outcome"]): LogLevel {
  return ["refused", "failed", "unknown"].includes(outcome) ? "warn" : "info";
}
