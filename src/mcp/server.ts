import {
  type AuthInfo,
  createMcpHandler,
  type McpRequestContext,
  McpServer,
  type ScopeChallengeHandler,
  type ServerOptions,
  type StandardSchemaWithJSON,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { audit } from "../core/audit.ts";
import type { Caller } from "../core/caller.ts";
import { abortable } from "../core/deadline.ts";
import { thrown } from "../core/excerpt.ts";
import type { Invocation } from "../core/invocation.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { Approvals } from "./approvals/approvals.ts";
import { clientRound } from "./approvals/client-round.ts";
import { requestStateCheck } from "./approvals/request-state-check.ts";
import { type ClaimsChallenge, untilFirstBytes } from "./claims-challenge.ts";
import { type DefinedTool, visibleTools } from "./define-tool.ts";
import type { AdministratorCheck } from "./policy.ts";
import type { ToolContext } from "./tool.ts";

export interface McpServerDefinition {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** For the model: what the server is for and how its tools work together. */
  readonly instructions: string;
  readonly tools: readonly DefinedTool[];
  readonly isAdministrator: AdministratorCheck;
  /** What has the calls of tools approved that need it; without such tools it may be left out. */
  readonly approvals?: Approvals;
  /** The scope that every call needs, as a token has it. */
  readonly requiredScope: string;
  /** A scope as clients ask the authority for it, of its bare name. */
  readonly qualifiedScope: (scope: string) => string;
  /** How long a request may take; a minute unless given. */
  readonly timeLimitMilliseconds?: number;
  /** Where clients read which scopes there are. */
  readonly resourceMetadataUrl: string;
  /**
   * Checks a `requestState` that comes back, and refuses the request, before a handler sees it.
   * With `approvals`, theirs is the only state that there is, and they check it.
   */
  readonly requestState?: ServerOptions["requestState"];
  /**
   * Adds what is no tool, such as resources and prompts, to the server of one request. The SDK
   * passes on whatever a handler throws word for word, so what is added catches everything itself.
   */
  readonly extend?: (server: McpServer, context: ToolContext) => void;
}

/** A request past the gates, its body read. */
export interface McpRequest {
  readonly request: Request;
  /** The body, parsed; absent where it is no JSON. */
  readonly json?: unknown;
}

/** Serves one authenticated MCP request, or says what the caller has to fulfil before. */
export type McpEndpoint = (
  request: McpRequest,
  caller: Caller,
  invocation: Invocation,
) => Promise<Result<Response, ClaimsChallenge>>;

/** A call's time: well within the 230 s after which the platform's front end cuts a request. */
const invocationMilliseconds = 60_000;
/** How long a client may keep a list. What it holds differs by caller, hence always `private`. */
const cacheHint = { ttlMs: 60_000, cacheScope: "private" } as const;
const notToBeKept = { ttlMs: 0, cacheScope: "private" } as const;

/** What a request carries through the SDK to the tools. */
class RequestScope {
  readonly context: ToolContext;
  challenge: ClaimsChallenge | undefined;
  /** Set once the answer's status has left. */
  hasBegun = false;

  /** @param messages how many the request holds */
  constructor(caller: Caller, invocation: Invocation, timeLimit: number, messages: number) {
    const startedAt = performance.now();
    this.context = {
      caller,
      signal: AbortSignal.timeout(timeLimit),
      log: invocation.log,
      audit: (event) =>
        audit(invocation.log, {
          ...event,
          objectId: caller.objectId,
          clientId: caller.clientId,
          durationMilliseconds: Math.round(performance.now() - startedAt),
          correlationId: invocation.id,
        }),
      challenge: (challenge) => {
        // What else a batch has done would be told to nobody, and then be done once more.
        const isPossible = messages === 1 && !this.hasBegun && caller.handlesClaimsChallenges;
        if (isPossible) this.challenge = challenge;
        return isPossible;
      },
    };
  }
}

/**
 * The model-facing edge: every request gets a server of its own, so that no response can reach
 * another request, and nothing of the protocol is kept between requests. Serves the 2026-07-28
 * revision and, from `initialize` on, the older ones.
 *
 * @throws {Error} where a tool needs approval and `definition` has no approvals
 */
export function createMcpEndpoint(definition: McpServerDefinition): McpEndpoint {
  const unapprovable = definition.tools.find(({ needsApproval }) => needsApproval);
  if (unapprovable && !definition.approvals) {
    throw new Error(`${unapprovable.name} needs approval, but the server has no approvals.`);
  }
  const registrations = definition.tools.map((tool) => registrationOf(tool, definition));
  return async ({ request, json }, caller, invocation) => {
    const { timeLimitMilliseconds = invocationMilliseconds } = definition;
    const messages = Array.isArray(json) ? json : [json];
    const scope = new RequestScope(caller, invocation, timeLimitMilliseconds, messages.length);
    const { signal, audit, log } = scope.context;
    for (const message of messages) {
      if (callsNoneOf(definition.tools, message)) {
        audit({ action: "tool-call", outcome: "failed", reason: "unknown-tool" });
      }
    }
    const handler = createMcpHandler(
      ({ era }) => createServer(definition, registrations, scope.context, era),
      {
        // A stream that stays open is billed by the second, and cut, on a serverless platform.
        maxSubscriptions: 0,
        // A comment to keep a stream alive would commit the response to 200 before its tool is done.
        keepAliveMs: 0,
        onerror: (error) => log("info", "mcp.refused", { cause: thrown(error) }),
      },
    );
    try {
      const response = await abortable(
        handler.fetch(request, {
          authInfo: authInfoOf(scope, definition),
          ...(json === undefined ? {} : { parsedBody: json }),
        }),
        signal,
      );
      const begun = await untilFirstBytes(within(response, signal));
      if (!scope.challenge) {
        scope.hasBegun = true;
        return success(begun);
      }
      await begun.body?.cancel();
      return failure(scope.challenge);
    } catch (error) {
      if (!signal.aborted) throw error;
      log("warn", "request.timed-out");
      return success(timedOut());
    }
  };
}

const toolCall = z.object({
  method: z.literal("tools/call"),
  params: z.object({ name: z.string() }),
});

/** Whether `message` calls a tool that there is not: the protocol answers that, and no tool of ours. */
function callsNoneOf(tools: readonly DefinedTool[], message: unknown): boolean {
  const call = toolCall.safeParse(message);
  return call.success && !tools.some(({ name }) => name === call.data.params.name);
}

/** The same response, its body cut off when `signal` aborts: some requests never get an answer. */
function within(response: Response, signal: AbortSignal): Response {
  if (!response.body) return response;
  const body = response.body.pipeThrough(new TransformStream(), { signal });
  return new Response(body, { status: response.status, headers: response.headers });
}

function timedOut(): Response {
  return Response.json(
    { error: "timeout", error_description: "The request was not answered in time." },
    { status: 504 },
  );
}

interface Registration {
  readonly tool: DefinedTool;
  readonly config: Pick<DefinedTool["listing"], "title" | "description" | "annotations"> & {
    readonly inputSchema: StandardSchemaWithJSON<unknown, unknown>;
    readonly scopeChallenge: ScopeChallengeHandler | undefined;
  };
}

/**
 * A tool as the SDK is told of it. `defineTool` checks the arguments itself, so that its words, and
 * not a validator's, reach the model; and the SDK then converts no schema per request.
 */
function registrationOf(tool: DefinedTool, definition: McpServerDefinition): Registration {
  const { title, description, annotations, inputSchema } = tool.listing;
  return {
    tool,
    config: {
      title,
      description,
      annotations,
      scopeChallenge: scopeChallengeOf(tool, definition),
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

/**
 * 403 before the tool runs, with all the scopes that the next token needs: the client can step up
 * (MCP specification, Authorization, Scope Challenge Handling).
 */
function scopeChallengeOf(
  tool: DefinedTool,
  { requiredScope, qualifiedScope }: McpServerDefinition,
): ScopeChallengeHandler | undefined {
  const needed = tool.policy.scopes?.map(qualifiedScope);
  if (!needed) return undefined;
  const scopes = [qualifiedScope(requiredScope), ...needed] as const;
  return ({ authInfo }) => {
    const missing = needed.find((scope) => !authInfo?.scopes.includes(scope));
    if (missing === undefined) return undefined;
    scopeOf(authInfo).context.audit({
      action: "authorization",
      tool: tool.name,
      outcome: "challenged",
      reason: "missing-tool-scope",
      expected: missing,
    });
    return { scopes };
  };
}

function createServer(
  definition: McpServerDefinition,
  registrations: readonly Registration[],
  context: ToolContext,
  era: McpRequestContext["era"],
): McpServer {
  const { name, title, version, instructions, tools, isAdministrator, approvals } = definition;
  const server = new McpServer(
    { name, title, version },
    {
      instructions,
      capabilities: { tools: { listChanged: false } },
      requestState: approvals
        ? requestStateCheck(approvals, era, context)
        : definition.requestState,
      // Its questions in older revisions would wait for an answer that has no way back to us.
      inputRequired: { legacyShim: false },
      cacheHints: { "tools/list": cacheHint, "server/discover": cacheHint },
    },
  );
  for (const { tool, config } of registrations) {
    server.registerTool(tool.name, config, (toolArguments, { mcpReq }) => {
      const channel = approvals && { approvals, client: clientRound(era, mcpReq) };
      return tool.call(toolArguments, context, isAdministrator, channel);
    });
  }
  server.server.setRequestHandler("tools/list", async () => {
    const visible = await visibleTools(tools, isAdministrator, context);
    const listed = { tools: visible.tools.map((tool) => tool.listing) };
    // What a moment's outage hid is not to be missing for as long as a list may be kept.
    return visible.isCertain || era === "legacy" ? listed : { ...listed, ...notToBeKept };
  });
  server.server.onerror = (error) => context.log("warn", "mcp.error", { cause: thrown(error) });
  definition.extend?.(server, context);
  return server;
}

/** The SDK hands this object on untouched. The access token stays with the caller. */
function authInfoOf(
  scope: RequestScope,
  { qualifiedScope, resourceMetadataUrl }: McpServerDefinition,
): AuthInfo {
  const { clientId, scopes, expiresAt } = scope.context.caller;
  return {
    token: "",
    clientId,
    scopes: scopes.map(qualifiedScope),
    expiresAt,
    resourceMetadataUrl,
    extra: { scope },
  };
}

function scopeOf(authInfo: AuthInfo | undefined): RequestScope {
  const scope = authInfo?.extra?.scope;
  if (!(scope instanceof RequestScope)) throw new Error("A request without its scope.");
  return scope;
}
