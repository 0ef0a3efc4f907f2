import { posix, win32 } from "node:path";
import { CommandError } from "../../local/command-line.ts";
import { publicAuthorityHost } from "../../src/clouds.ts";
import { type BridgeStart, bridgeEntry, installedBridge } from "./bridge-entry.ts";

/** A server as a client knows it. */
export interface Server {
  /** The name of its entry in the client's file. */
  readonly name: string;
  readonly url: string;
  /** The client's own registration in Entra. */
  readonly clientId?: string | undefined;
  /** What the client asks Entra for, as Entra takes it: with what it begins with. */
  readonly scope?: string | undefined;
  /** The server's tenant as Entra's clients address it, without a slash at the end. */
  readonly authority?: string | undefined;
  /** Where the client's registration has people sent back to, as far as that is known. */
  readonly callbacks?: readonly string[] | undefined;
  /** The bridge, where the client starts it in place of calling the server. */
  readonly bridge?: BridgeStart | undefined;
}

/** Where a client's files are looked for. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The file in which a client keeps its servers, each under its name in the object `member`. */
export interface ClientFile {
  readonly path: (machine: Machine) => string;
  readonly member: "servers" | "mcpServers";
  readonly entry: (server: Server) => Readonly<Record<string, unknown>>;
  /** The client makes the file's folder only when it is first needed. */
  readonly makesFolder?: true;
}

/** A client, and how a person makes it know a server. */
export interface Client {
  readonly title: string;
  /** None where the client calls from its maker's cloud, so that it reaches no server on this machine. */
  readonly file?: ClientFile;
  /** Another way in, or the only one: a command or steps. */
  readonly byHand: (server: Server) => string;
  /** What to do in the client once it knows the server. */
  readonly next: string;
  /** Its name in `infra/clients.json`, where it needs a registration of its own in Entra. */
  readonly registration?: string;
  /** A person enters what it asks Entra for. */
  readonly takesScope?: true;
  /** By hand to a server's gateway, where that is another way; `file` is the same with another URL. */
  readonly throughGateway?: Pick<Client, "byHand" | "next">;
  /** It starts programs only, so the registration is the bridge's. */
  readonly needsBridge?: true;
}

/** Entra gives a refresh token only to clients that ask for this. */
const refreshScope = "offline_access";

const claude: Client = {
  title: "Claude",
  registration: "claude",
  byHand: ({ name, url, clientId = idOf("Claude") }) =>
    `Customize > Connectors > + > Add custom connector
  Name               ${name}
  URL                ${url}
  Advanced settings  OAuth Client ID: ${clientId}, and no secret`,
  next: "choose Connect beside the connector, and sign in.",
  throughGateway: {
    byHand: ({ name, url }) =>
      `Customize > Connectors > + > Add custom connector
  Name               ${name}
  URL                ${url}
  Advanced settings  nothing`,
    next: "choose Connect beside the connector, allow it, and sign in.",
  },
};

/** Clients by the names that the command takes. Their formats, with the sources: docs/clients.md */
export const clients: Readonly<Record<string, Client>> = {
  vscode: {
    title: "VS Code",
    file: {
      path: (machine) => inFolder(settingsFolder(machine), machine, "Code", "User", "mcp.json"),
      member: "servers",
      entry: httpEntry,
    },
    byHand: ({ url }) => `the command "MCP: Add Server", HTTP, ${url}`,
    next: 'open the file in VS Code ("MCP: Open User Configuration"), choose Start above the entry, and sign in.',
  },
  cursor: {
    title: "Cursor",
    registration: "cursor",
    takesScope: true,
    file: {
      path: (machine) => inFolder(machine.home, machine, ".cursor", "mcp.json"),
      member: "mcpServers",
      entry: ({ url, clientId, scope }) => ({
        url,
        ...(clientId && {
          auth: { CLIENT_ID: clientId, ...(scope && { scopes: [scope, refreshScope] }) },
        }),
      }),
    },
    byHand: () => "in Cursor's settings, add an MCP server; that opens the file.",
    next: "in Cursor's settings, choose Connect beside the server, and sign in.",
  },
  "claude-code": {
    title: "Claude Code",
    registration: "claude-code",
    takesScope: true,
    file: {
      path: (machine) =>
        inFolder(machine.env.CLAUDE_CONFIG_DIR || machine.home, machine, ".claude.json"),
      member: "mcpServers",
      entry: ({ url, clientId, scope }) => ({
        type: "http",
        url,
        ...(clientId && {
          oauth: { clientId, ...(scope && { scopes: `${scope} ${refreshScope}` }) },
        }),
      }),
    },
    byHand: ({ name, url, clientId }) => {
      const id = clientId === undefined ? "" : ` --client-id ${clientId}`;
      return `claude mcp add --transport http --scope user${id} ${name} ${url}`;
    },
    next: "in Claude Code, type /mcp, choose the server, and sign in. (It writes its file itself: end it before --write.)",
  },
  claude,
  "claude-desktop": {
    title: "Claude Desktop",
    registration: "bridge",
    needsBridge: true,
    file: {
      path: (machine) =>
        inFolder(settingsFolder(machine), machine, "Claude", "claude_desktop_config.json"),
      member: "mcpServers",
      entry: (server) => ({ ...bridgeEntry(server, server.bridge ?? installedBridge) }),
    },
    byHand: ({ url }) =>
      isOnThisMachine(url)
        ? "Settings > Developer > Edit Config opens that file."
        : `a connector, which Anthropic's cloud calls: npm run connect -- claude --url ${url}`,
    next: "quit Claude Desktop and start it again. Settings > Developer shows the server, and its log.",
  },
  chatgpt: {
    title: "ChatGPT",
    registration: "chatgpt",
    takesScope: true,
    byHand: (server) =>
      `Settings > Apps > Create (with Developer mode, in Advanced settings)
  Name             ${server.name}
  MCP Server URL   ${server.url}
  Authentication   OAuth, with a client that you have registered
  OAuth Client ID  ${server.clientId ?? idOf("ChatGPT")}, and no secret
  Scopes           ${scopesOf(server)}
  Callback URL     ${callbackOf(server, "ChatGPT shows it there: npm run register-client -- chatgpt --callback URL")}`,
    next: "once the callback is registered, create the app, choose Connect, and sign in.",
    throughGateway: {
      byHand: ({ name, url }) =>
        `Settings > Apps > Create (with Developer mode, in Advanced settings)
  Name             ${name}
  MCP Server URL   ${url}
  Authentication   OAuth, and nothing more`,
      next: "create the app, choose Connect, allow it, and sign in.",
    },
  },
  "copilot-studio": {
    title: "Copilot Studio",
    registration: "copilot-studio",
    takesScope: true,
    byHand: (server) => {
      const {
        url,
        clientId = idOf("Copilot Studio"),
        authority = `${publicAuthorityHost}/TENANT_ID`,
      } = server;
      return `Tools > Add a tool > New tool > Model Context Protocol
  Server URL          ${url}
  Authentication      OAuth 2.0, Manual
  Client ID           ${clientId}
  Client secret       yours to make: entra.microsoft.com > App registrations > this client id >
                      Certificates & secrets > New client secret. Enter its value there and nowhere else
  Authorization URL   ${authority}/oauth2/v2.0/authorize
  Token URL template  ${authority}/oauth2/v2.0/token
  Refresh URL         ${authority}/oauth2/v2.0/token
  Scopes              ${scopesOf(server)}
  Redirect URL        ${callbackOf(server, "Copilot Studio shows it once saved: npm run register-client -- copilot-studio --callback URL")}`;
    },
    next: "once the redirect URL is registered, make a connection, and sign in.",
  },
  inspector: {
    title: "MCP Inspector",
    registration: "inspector",
    file: {
      path: (machine) =>
        machine.env.MCP_CATALOG_PATH ||
        inFolder(machine.home, machine, ".mcp-inspector", "mcp.json"),
      member: "mcpServers",
      entry: (server) => ({
        ...httpEntry(server),
        type: "streamable-http",
        protocolEra: "auto",
      }),
      makesFolder: true,
    },
    byHand: ({ url }) =>
      `npx @modelcontextprotocol/inspector --server-url ${url} --protocol-era auto`,
    next: "npx @modelcontextprotocol/inspector, switch the server on, and sign in.",
  },
};

/** What the client's file holds of a server: its URL, or how to start the bridge to it. */
export function entryOf(
  { entry }: Pick<ClientFile, "entry">,
  server: Server,
): Readonly<Record<string, unknown>> {
  return server.bridge ? { ...bridgeEntry(server, server.bridge) } : entry(server);
}

function idOf(title: string): string {
  return `the client id of a registration for ${title}`;
}

/** Also where the scope is not known, since offline_access has to be asked for by the client. */
function scopesOf({ scope = "api://TENANT/NAME/user_impersonation" }: Server): string {
  return `${scope} ${refreshScope}`;
}

function callbackOf({ callbacks = [] }: Server, unknown: string): string {
  return callbacks.length === 0 ? unknown : `registered: ${callbacks.join(", ")}`;
}

function httpEntry({ url, clientId }: Server): Readonly<Record<string, unknown>> {
  return { type: "http", url, ...(clientId && { oauth: { clientId } }) };
}

/** Where applications keep a person's settings. */
function settingsFolder(machine: Machine): string {
  const { platform, home, env } = machine;
  if (platform === "win32") return env.APPDATA || inFolder(home, machine, "AppData", "Roaming");
  if (platform === "darwin") return inFolder(home, machine, "Library", "Application Support");
  return env.XDG_CONFIG_HOME || inFolder(home, machine, ".config");
}

function inFolder(folder: string, { platform }: Machine, ...names: readonly string[]): string {
  return (platform === "win32" ? win32 : posix).join(folder, ...names);
}

const gatewayPath = "/gateway/mcp";

/** Whether a URL is that of a server's gateway, which takes clients without a registration in Entra. */
export function isGatewayUrl(url: string): boolean {
  return URL.parse(url)?.pathname === gatewayPath;
}

/** The URL of a server's gateway, by either of its two URLs. */
export function gatewayUrlOf(url: string): string {
  return new URL(gatewayPath, url).href;
}

export function isOnThisMachine(url: string): boolean {
  return URL.canParse(url) && ["localhost", "127.0.0.1"].includes(new URL(url).hostname);
}

/**
 * The URL of a server. Some of what is printed is a command, so it must not hold what a shell would read
 * as its own.
 *
 * @throws {CommandError} where `text` is none
 */
export function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === "https:" || isOnThisMachine(text);
  if (isSafe && url && /^https?:\/\/[\w.-]+(:\d+)?(\/[\w.~-]+)+$/.test(url.href)) return url.href;
  throw new CommandError(
    "--url takes the MCP URL of a server, such as https://host.example/mcp: https (http on this machine only), with its path, without a slash at the end, user, password or query.",
  );
}
