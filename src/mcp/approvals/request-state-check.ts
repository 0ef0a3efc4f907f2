import type { McpRequestContext, ServerOptions } from "@modelcontextprotocol/server";
import type { ToolContext } from "../tool.ts";
import type { Approvals } from "./approvals.ts";

/**
 * Refuses a request whose `requestState` this server did not sign, as the SDK's answer to that:
 * -32602, before any tool runs (MCP specification, Multi Round-Trip Requests, Server Requirements).
 * Everything else that can be wrong with it, down to an honest person who took too long, is left to
 * the tool, whose words reach the model. Older revisions have no such state, and ignore it.
 */
export function requestStateCheck(
  approvals: Approvals,
  era: McpRequestContext["era"],
  { caller, audit }: Pick<ToolContext, "audit" | "caller">,
): ServerOptions["requestState"] {
  if (era !== "modern") return undefined;
  return {
    async verify(requestState) {
      const reason = await approvals.forgery(requestState, caller);
      if (reason === undefined) return;
      audit({ action: "approval", outcome: "refused", way: "question", reason });
      throw new Error(reason);
    },
  };
}
