import type { McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { askingTools } from "./asking-tools.ts";
import { notifyingTools } from "./notifying-tools.ts";
import { registerPrompts } from "./prompts.ts";
import { registerResources } from "./resources.ts";
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

/** Adds to the server of one request the fixtures that are no tools of `defineTool`. */
export function extend(server: McpServer): void {
  server.server.registerCapabilities({
    prompts: { listChanged: false },
    resources: { listChanged: false },
    logging: {},
  });
  registerPrompts(server);
  registerResources(server);
  for (const { name, description, call } of requestTools) {
    server.registerTool(name, { description, inputSchema: z.looseObject({}) }, (_, { mcpReq }) =>
      call(mcpReq, server.server.getClientCapabilities()),
    );
  }
  server.server.setRequestHandler("tools/list", async () => ({ tools: listings }));
}
