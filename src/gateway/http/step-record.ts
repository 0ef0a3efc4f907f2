import { type AuditEvent, audit } from "../../core/audit.ts";
import type { GatewayRequest } from "./handler.ts";

/** How a step ended, under another action than its own where that says more. */
export type StepEvent = Omit<AuditEvent, "action" | "durationMilliseconds" | "correlationId"> &
  Partial<Pick<AuditEvent, "action">>;

/** Writes down how a step of a client's way through the gateway ended. */
export type StepRecord = (event: StepEvent, level?: Parameters<typeof audit>[2]) => void;

/** @param monotonicNow milliseconds by a clock that nobody sets */
export function stepRecord(
  action: AuditEvent["action"],
  { invocation }: GatewayRequest,
  monotonicNow: () => number,
): StepRecord {
  const startedAt = monotonicNow();
  return (event, level) => {
    const durationMilliseconds = Math.round(monotonicNow() - startedAt);
    const whole = { action, ...event, durationMilliseconds, correlationId: invocation.id };
    audit(invocation.log, whole, level);
  };
}
