import { z } from "zod";
import { defineDomain } from "../../src/define-domain.ts";
import type { ApiClient } from "../../src/downstream/api-client.ts";
import type { DefinedTool } from "../../src/mcp/tool.ts";
import { claimsWith, sign } from "../gates/tokens.ts";
import {
  type ClientKind,
  type ConnectedClient,
  connectClient,
  type ToolResult,
} from "./clients.ts";
import { type ComposedApp, type ComposedOptions, composeForTest, host } from "./composed.ts";

/**
 * Calls a tool as a client does: signed in, through the gates, the protocol and the tool's policy.
 *
 * @param make makes the tool, where it needs the company directory
 */
export async function callTool(
  make: DefinedTool | ((directory: ApiClient) => DefinedTool),
  toolArguments: Record<string, unknown>,
  options?: ComposedOptions,
): Promise<ToolResult> {
  let name = "";
  const domain = defineDomain({
    name: "one-tool",
    title: "One tool",
    instructions: "For a test.",
    scopeDescription: "Test a tool as you",
    settings: z.object({}),
    containers: {},
    tools({ directory }) {
      const tool = typeof make === "function" ? make(directory) : make;
      ({ name } = tool);
      return [tool];
    },
  });
  const app = await composeForTest(domain, options);
  return callToolOf(app, name, toolArguments);
}

/**
 * Calls a tool of an application as a client does.
 *
 * @param claims what the person's access token says other than usual
 */
export async function callToolOf(
  app: ComposedApp,
  name: string,
  toolArguments: Record<string, unknown>,
  claims: Record<string, unknown> = {},
): Promise<ToolResult> {
  const client = await connectApp(app, claims);
  try {
    return await client.callTool({ name, arguments: toolArguments });
  } finally {
    await client.close();
  }
}

/**
 * Connects a client to an application in this process.
 *
 * @param claims what the person's access token says other than usual
 */
export async function connectApp(
  app: ComposedApp,
  claims: Record<string, unknown> = {},
  kind: ClientKind = "modern",
): Promise<ConnectedClient> {
  return connectClient(kind, new URL(`https://${host}/mcp`), {
    accessToken: await sign(app.key, claimsWith(claims)),
    fetch: async (input, init) => {
      const request = new Request(input, init);
      request.headers.set("host", host);
      return app.send(request);
    },
  });
}
