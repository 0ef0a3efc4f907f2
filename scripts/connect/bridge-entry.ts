import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { projectFolder } from "../../local/paths.ts";

/** How a client starts the bridge (docs/bridge.md), which knows the server in its place. */
export interface BridgeStart {
  readonly command: string;
  /** What `command` runs, where that is Node itself. */
  readonly program?: string | undefined;
  /** Where the laptop stack keeps its data, if not where it does by itself. */
  readonly dataFolder?: string | undefined;
}

/** As it is started where its package is installed. */
export const installedBridge: BridgeStart = { command: "entra-mcp-bridge" };

/**
 * As it is started from this folder, which knows the laptop stack too. Clients have a working directory
 * and a PATH of their own, so both are full paths, and npm is not between.
 */
export const bridgeHere: BridgeStart = {
  command: process.execPath,
  program: join(projectFolder, "local", "bridge.ts"),
};

interface BridgedServer {
  readonly url: string;
  /** Of the registration that people sign in with; the laptop stack has one. */
  readonly clientId?: string | undefined;
}

/** What a client's file holds of a server that it reaches through the bridge. */
export function bridgeEntry(
  { url, clientId }: BridgedServer,
  { command, program, dataFolder }: BridgeStart,
): { readonly command: string; readonly args: readonly string[] } {
  const args = [
    ...(program === undefined ? [] : [program]),
    ...["--url", url],
    ...(clientId === undefined ? [] : ["--client-id", clientId]),
    ...(dataFolder === undefined ? [] : ["--data", dataFolder]),
  ];
  return { command, args };
}

const written = z.object({ command: z.string(), args: z.array(z.string()) });

/** What an entry of that kind was made of; nothing where it starts something else. */
export function readBridgeEntry(
  entry: unknown,
): (BridgedServer & { readonly bridge: BridgeStart }) | undefined {
  const { data } = written.safeParse(entry);
  if (data === undefined) return undefined;
  try {
    const { values, positionals } = parseArgs({
      args: data.args,
      options: {
        url: { type: "string" },
        "client-id": { type: "string" },
        data: { type: "string" },
      },
      allowPositionals: true,
    });
    const [program] = positionals;
    const isBridge = program === undefined || /[\\/]local[\\/]bridge\.ts$/.test(program);
    if (values.url === undefined || !isBridge) return undefined;
    const bridge = { command: data.command, program, dataFolder: values.data };
    return { url: values.url, clientId: values["client-id"], bridge };
  } catch {
    return undefined;
  }
}
