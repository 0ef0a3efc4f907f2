import { join } from "node:path";
import { Client, type ClientCapabilities } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { ClientKind, ConnectedClient } from "./clients.ts";
import type { RunningStack } from "./stack.ts";

/** How a client starts the bridge to a stack, signed in as a local account. */
export function bridgeCommand({ mcp, authority }: RunningStack, username: string) {
  const program = join(import.meta.dirname, "bridge-program.ts");
  return { command: process.execPath, args: [program, mcp, authority, username] };
}

/** Connects a client over stdio, through a bridge of its own. */
export async function connectBridged(
  kind: ClientKind,
  stack: RunningStack,
  username: string,
): Promise<ConnectedClient> {
  const command = { ...bridgeCommand(stack, username), stderr: "ignore" as const };
  if (kind === "v1") {
    const client = new LegacyClient({ name: "test-client", version: "1.0.0" });
    await client.connect(new LegacyTransport(command));
    return client as ConnectedClient;
  }
  const client = createStdioClient(kind);
  await client.connect(new StdioClientTransport(command));
  return client as ConnectedClient;
}

/** The current package's client, in the era of its kind. */
export function createStdioClient(
  kind: Exclude<ClientKind, "v1">,
  capabilities: ClientCapabilities = {},
): Client {
  return new Client(
    { name: "test-client", version: "1.0.0" },
    {
      capabilities,
      ...(kind === "modern" && { versionNegotiation: { mode: { pin: "2026-07-28" } } }),
    },
  );
}
