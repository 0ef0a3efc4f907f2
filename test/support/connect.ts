import { runCommand } from "./stack.ts";

export const url = "https://mcp.contoso.com/mcp";
export const clientId = "3f1d7c52-8a64-4c0e-9b1f-2d5e6a7b8c90";

/** Where the clients of whoever runs the tests have their files. */
const ownFiles = { APPDATA: "", XDG_CONFIG_HOME: "", CLAUDE_CONFIG_DIR: "", MCP_CATALOG_PATH: "" };

/** Runs `npm run connect` for a person whose home is this folder, where the server says this of itself. */
export function connectTo(metadata: object | undefined, home: string, ...args: readonly string[]) {
  const answer = metadata ? `Response.json(${JSON.stringify(metadata)})` : "Response.error()";
  const inPlaceOfTheNetwork = encodeURIComponent(`globalThis.fetch = async () => ${answer};`);
  return runCommand("scripts/connect/main.ts", args, {
    ...process.env,
    ...ownFiles,
    ...{ HOME: home, USERPROFILE: home },
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --import=data:text/javascript,${inPlaceOfTheNetwork}`,
  });
}

/** The same, where the server does not answer. */
export const connect = (home: string, ...args: readonly string[]) =>
  connectTo(undefined, home, ...args);
