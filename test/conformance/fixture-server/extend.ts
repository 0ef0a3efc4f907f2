import type { McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { registerAskingPrompt } from "./asking-prompt.ts";
import { askingTools } from "./asking-tools.ts";
import { notifyingTools } from "./notifying-tools.ts";
import { tools } from "./tools.ts";

const requestTools = [...notifyingTools, ...askingTools];

const listings = [
  ...tools.map(({ listing }) => listing),
  ...requestTools.map(({ name, description }) => ({
    name,
    description,
    inputSchema: { type: "object" as const },
  })),
];

/** Adds to the server of one request the fixtures that no domain can offer: they ask, or log. */
export function extend(server: McpServer): void {
  server.server.registerCapabilities({ logging: {} });
  registerAskingPrompt(server);
  for (const { name, description, call } of requestTools) {
    server.registerTool(name, { description, inputSchema: z.looseObject({}) }, (_, { mcpReq }) =>
      call(mcpReq, server.server.getClientCapabilities()),
    );
  }
  server.server.setRequestHandler("tools/list", async () => ({ tools: listings }));
}
