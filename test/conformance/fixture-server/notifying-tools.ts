import { type RequestTool, text } from "./request-tool.ts";

/** Fixture tools that notify the client on the way to their result. */
export const notifyingTools: readonly RequestTool[] = [
  {
    name: "test_tool_with_logging",
    description: "Logs three messages.",
    call: async ({ log }) => {
      await log("info", "Tool execution started");
      await log("info", "Tool processing data");
      await log("info", "Tool execution completed");
      return text("Logged three messages.");
    },
  },
  {
    name: "test_logging_tool",
    description: "Logs a message, which only a client that asked for messages gets.",
    call: async ({ log }) => {
      await log("info", "For clients that asked for it");
      return text("Logged a message.");
    },
  },
  {
    name: "test_tool_with_progress",
    description: "Reports its progress to a client that asked for it.",
    call: async ({ _meta, notify }) => {
      const progressToken = _meta?.progressToken;
      for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
        await notify({
          method: "notifications/progress",
          params: { progressToken, progress, total: 100 },
        });
      }
      return text("Done.");
    },
  },
];
