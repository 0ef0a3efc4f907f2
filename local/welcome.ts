import { relative } from "node:path";

/** What a person needs to know of a running stack. */
export interface StackSummary {
  readonly mcp: string;
  readonly authority: string;
  readonly graph: string;
  readonly cosmos: string;
  readonly storage: string;
  readonly accounts: readonly { readonly username: string; readonly admin: boolean }[];
}

/** What `npm start` prints when everything is ready. */
export function welcome(summary: StackSummary, stackFolder: string): string {
  const { mcp, authority, graph, cosmos, storage, accounts } = summary;
  const names = accounts.map(({ username, admin }) =>
    admin ? `${username} (administrator)` : username,
  );
  const person = accounts.find(({ admin }) => !admin)?.username;
  const stack = new URL(mcp).port === "7071" ? "" : ` --stack ${new URL(mcp).port}`;
  return `
Ready. The whole system runs on this machine:

  MCP server   ${mcp}
  Sign-in      ${authority}
  Graph        ${graph}
  Cosmos DB    ${cosmos}
  Storage      ${storage}
  Data         ${relative(process.cwd(), stackFolder)}  (--fresh forgets it)

Accounts, no password: ${names.join(", ")}

Try next:
  VS Code      open this folder, open .vscode/mcp.json, choose Start above "expenses-local"
  A token      npm run --silent token -- ${person}${stack}
  Inspector    npx mcp-inspector --cli ${mcp} --method tools/list --header "Authorization: Bearer $(npm run --silent token -- ${person}${stack})"

Ctrl-C ends all of it.
`;
}
