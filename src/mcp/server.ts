import {
  type AuthInfo,
  createMcpHandler,
  McpServer,
  type StandardSchemaWithJSON,
} from "@modelcontextprotocol/server";
import type { Caller } from "../identity/caller.ts";
import type { Invocation } from "../invocation.ts";
import { thrown } from "../telemetry/excerpt.ts";
import { type DefinedTool, type ToolContext, visibleTools } from "./define-tool.ts";
import type { AdministratorCheck } from "./policy.ts";

export interface McpServerDefinition {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** For the model: what the server is for and how its tools work together. */
  readonly instructions: string;
  readonly tools: readonly DefinedTool[];
  readonly isAdministrator: AdministratorCheck;
}

/** Serves one authenticated MCP request. */
export type McpEndpoint = (
  request: Request,
  caller: Caller,
  invocation: Invocation,
) => Promise<Response>;

/** A call's time: well within the 230 s after which the platform's front end cuts a request. */
const invocationMilliseconds = 60_000;
/** How long a client may keep a list. What it holds differs by caller, hence always `private`. */
const cacheHint = { ttlMs: 60_000, cacheScope: "private" } as const;

/** What a request carries through the SDK to the tools. */
class RequestScope {
  readonly caller: Caller;
  readonly context: ToolContext;

  constructor(caller: Caller, invocation: Invocation) {
    this.caller = caller;
    this.context = {
      caller,
      signal: AbortSignal.timeout(invocationMilliseconds),
      log: invocation.log,
    };
  }
}

/**
 * The model-facing edge: every request gets a server of its own, so that no response can reach
 * another request, and nothing of the protocol is kept between requests. Serves the 2026-07-28
 * revision and, from `initialize` on, the older ones.
 */
export function createMcpEndpoint(definition: McpServerDefinition): McpEndpoint {
  const registrations = definition.tools.map(registrationOf);
  const handler = createMcpHandler(
    ({ authInfo }) => createServer(definition, registrations, scopeOf(authInfo)),
    {
      // A stream that stays open is billed by the second, and cut, on a serverless platform.
      maxSubscriptions: 0,
    },
  );
  return (request, caller, invocation) =>
    handler.fetch(request, { authInfo: authInfoOf(new RequestScope(caller, invocation)) });
}

interface Registration {
  readonly tool: DefinedTool;
  readonly config: Pick<DefinedTool["listing"], "title" | "description" | "annotations"> & {
    readonly inputSchema: StandardSchemaWithJSON<unknown, unknown>;
  };
}

/**
 * A tool as the SDK is told of it. `defineTool` checks the arguments itself, so that its words, and
 * not a validator's, reach the model; and the SDK then converts no schema per request.
 */
function registrationOf(tool: DefinedTool): Registration {
  const { title, description, annotations, inputSchema } = tool.listing;
  return {
    tool,
    config: {
      title,
      description,
      annotations,
      inputSchema: {
        "~standard": {
          version: 1,
          vendor: "defineTool",
          validate: (value) => ({ value }),
          jsonSchema: { input: () => inputSchema, output: () => inputSchema },
        },
      },
    },
  };
}

function createServer(
  definition: McpServerDefinition,
  registrations: readonly Registration[],
  { caller, context }: RequestScope,
): McpServer {
  const { name, title, version, instructions, tools, isAdministrator } = definition;
  const server = new McpServer(
    { name, title, version },
    {
      instructions,
      capabilities: { tools: { listChanged: false } },
      cacheHints: { "tools/list": cacheHint, "server/discover": cacheHint },
    },
  );
  for (const { tool, config } of registrations) {
    server.registerTool(tool.name, config, (toolArguments) =>
      tool.call(toolArguments, context, isAdministrator),
    );
  }
  server.server.setRequestHandler("tools/list", async () => {
    const visible = await visibleTools(tools, caller, isAdministrator, context);
    return { tools: visible.map((tool) => tool.listing) };
  });
  server.server.onerror = (error) => context.log("warn", "mcp.error", { cause: thrown(error) });
  return server;
}

/** The SDK hands this object on untouched. The access token stays with the caller. */
function authInfoOf(scope: RequestScope): AuthInfo {
  const { clientId, scopes, expiresAt } = scope.caller;
  return { token: "", clientId, scopes: [...scopes], expiresAt, extra: { scope } };
}

function scopeOf(authInfo: AuthInfo | undefined): RequestScope {
  const scope = authInfo?.extra?.scope;
  if (!(scope instanceof RequestScope)) throw new Error("A request without its scope.");
  return scope;
}
