import { isAbsolute, relative } from "node:path";

/** What a person needs to know of a running stack. */
export interface StackSummary {
  readonly mcp: string;
  /** Absent where the gateway is off. */
  readonly gateway?: string | undefined;
  readonly authority: string;
  readonly graph: string;
  readonly cosmos: string;
  readonly storage: string;
  readonly accounts: readonly { readonly username: string; readonly admin: boolean }[];
}

/** What `npm start` prints when everything is ready. */
export function welcome(
  summary: StackSummary,
  { port, stackFolder, dataFolder }: { port: number; stackFolder: string; dataFolder?: string },
): string {
  const { mcp, gateway, authority, graph, cosmos, storage, accounts } = summary;
  const names = accounts.map(({ username, admin }) =>
    admin ? `${username} (administrator)` : username,
  );
  const person = accounts.find(({ admin }) => !admin)?.username;
  const isUsual = port === 7071;
  const token = [
    `npm run --silent token -- ${person}`,
    ...(isUsual ? [] : [`--stack ${port}`]),
    ...(dataFolder === undefined ? [] : [`--data ${dataFolder}`]),
  ].join(" ");
  const data = dataFolder === undefined ? "" : ` --data ${dataFolder}`;
  const url = isUsual && data === "" ? "" : ` --url ${mcp}${data}`;
  const editor = isUsual
    ? 'open this folder, open .vscode/mcp.json, choose Start above "local"'
    : `add ${mcp} as an HTTP server ("MCP: Add Server")`;
  return `
Ready. The whole system runs on this machine:

  MCP server   ${mcp}${gateway === undefined ? "" : `\n  Gateway      ${gateway}  (for clients that Entra does not let in)`}
  Sign-in      ${authority}
  Graph        ${graph}
  Cosmos DB    ${cosmos}
  Storage      ${storage}
  Data         ${nearest(stackFolder)}  (--fresh deletes it)

Accounts, no password: ${names.join(", ")}

Try next:
  Inspector    npx @modelcontextprotocol/inspector --server-url ${mcp} --protocol-era auto
               a web page: connect, choose an account, call a tool under Tools
  VS Code      ${editor}
  A token      ${token}${gateway === undefined ? "" : "\n               with --gateway added, one for the gateway"}
  In a shell   npx @modelcontextprotocol/inspector --cli ${mcp} --method tools/list --header "Authorization: Bearer $(${token})"
  Your client  npm run connect -- CLIENT${url}
               CLIENT is cursor, claude-code, claude-desktop or another of docs/clients.md

Ctrl-C ends all of it.
`;
}

/** Relative where that is within this folder, since the rest of it is known to whoever has started it here. */
function nearest(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path.startsWith("..") || isAbsolute(path) ? folder : path;
}
