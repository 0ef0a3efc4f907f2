import {
  type CallToolResult,
  createMcpHandler,
  type InputRequiredResult,
  type McpRequestContext,
  McpServer,
  type ServerOptions,
} from "@modelcontextprotocol/server";
import type { Caller } from "../core/caller.ts";
import { graceMilliseconds } from "../core/deadline.ts";
import type { Answer, Invocation, SignInChallenge } from "../core/endpoint.ts";
import { type Log, thrown } from "../core/log.ts";
import { failure, type Result, success } from "../core/result.ts";
import { serveAccepted } from "./accept.ts";
import { bodyOf, rpcErrorIn } from "./answer-body.ts";
import type { Approvals } from "./approvals/approvals.ts";
import { clientRound, requestStateCheck } from "./approvals/client-round.ts";
import { visibleTo } from "./policy.ts";
import { withProgress } from "./progress.ts";
import { type Registration, registrationOf } from "./registration.ts";
import { RequestSlot, undoneText } from "./request-slot.ts";
import {
  cacheHint,
  checkOffers,
  notToBeKept,
  type Offers,
  offerCacheHints,
  offerCapabilities,
  serveOffers,
} from "./serve-offers.ts";
import type { DefinedTool, ToolContext } from "./tool.ts";
import { errorResult } from "./tool-result.ts";

export interface McpServerDefinition extends Offers {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** For the model: what the server is for and how its tools work together. The day is added. */
  readonly instructions: string;
  readonly tools: readonly DefinedTool[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What has the calls of tools approved that need it; without such tools it may be left out. */
  readonly approvals?: Approvals | undefined;
  /** For tests: what no domain can offer. */
  readonly fixtures?: Fixtures | undefined;
  /** For what the SDK reports of no request in particular. */
  readonly log: Log;
}

/** What a test adds to the server of each request by the SDK's own means. */
export interface Fixtures {
  extend(server: McpServer, context: ToolContext): void;
  /** Names of the prompts among it: a request for one is left to the SDK. */
  readonly prompts?: readonly string[];
  /** Checks a `requestState` that comes back; with approvals, they do. */
  readonly requestState?: ServerOptions["requestState"];
}

/** A request past the gates. */
export interface McpRequest {
  readonly request: Request;
  /** The name of the server that was asked. */
  readonly host: { readonly metadataUrl: string };
  readonly caller: Caller;
  readonly invocation: Invocation;
  readonly body: {
    readonly bytes: Uint8Array<ArrayBuffer>;
    /** Absent where the bytes are no JSON. */
    readonly json?: unknown;
  };
}

/**
 * Serves one authenticated MCP request, or says what the caller has to fulfil before. Where `signal`
 * aborts, what tools are doing is given up, and the answer may never come.
 */
export type McpEndpoint = (
  request: McpRequest,
  signal: AbortSignal,
) => Promise<Result<Answer, SignInChallenge>>;

/**
 * The model-facing edge: every request gets a server of its own, so that no response can reach
 * another request, and nothing of the protocol is kept between requests. Serves the 2026-07-28
 * revision and, from `initialize` on, the legacy ones.
 *
 * @throws {Error} where a tool needs approval and `definition` has no approvals, or where two tools,
 *   resources or prompts have one name
 */
export function createMcpEndpoint(definition: McpServerDefinition): McpEndpoint {
  const { tools, scopes, log } = definition;
  const unapprovable = tools.find(({ needsApproval }) => needsApproval);
  if (unapprovable && !definition.approvals) {
    throw new Error(`${unapprovable.name} needs approval, but the server has no approvals.`);
  }
  const registrations = new Map<string, Registration>();
  for (const tool of tools) {
    if (registrations.has(tool.name)) throw new Error(`Two tools have the name ${tool.name}.`);
    registrations.set(tool.name, registrationOf(tool, scopes));
  }
  checkOffers(definition);
  const options = {
    capabilities: { tools: { listChanged: false }, ...offerCapabilities(definition) },
    // Its questions in legacy revisions would wait for an answer that has no way back to us.
    inputRequired: { legacyShim: false },
    cacheHints: {
      "tools/list": cacheHint,
      "server/discover": cacheHint,
      ...offerCacheHints(definition),
    },
  };
  const instructions = datedInstructions(definition);
  const handler = createMcpHandler(
    ({ era, authInfo }) => {
      const slot = RequestSlot.of(authInfo);
      try {
        return createServer(definition, options, instructions, registrations, slot, era);
      } catch (error) {
        slot.context.log("error", "mcp.error", { cause: thrown(error) });
        throw error;
      }
    },
    {
      // As no capability offers changes, a subscription is acknowledged as empty and ends at once: a
      // stream that stays open is billed by the second, and cut, on a serverless platform. With 0 it
      // would be refused, which the specification does not have.
      maxSubscriptions: 1,
      // A comment to keep a stream alive would commit the response to 200 before its tool is done.
      keepAliveMs: 0,
      // The handler is one for all requests, and does not say whose request it reports an error of:
      // what it answers has a line in the request's own log, below. An AsyncLocalStorage that told it
      // made every call 3 % dearer.
      onerror: (error) => log("info", "mcp.error", { cause: thrown(error) }),
    },
  );

  return async ({ request, host, caller, invocation, body }, signal) => {
    const { bytes, json } = body;
    const slot = new RequestSlot(caller, invocation, signal, json);
    for (const name of slot.calledTools) {
      if (!registrations.has(name)) {
        slot.context.audit({ action: "tool-call", outcome: "failed", reason: "unknown-tool" });
      }
    }
    const authInfo = slot.authInfo(scopes, host.metadataUrl);
    const response = await serveAccepted(request, Array.isArray(json), slot, (accepted) =>
      json === undefined
        ? handler.fetch(rewound(accepted, bytes), { authInfo })
        : handler.fetch(accepted, { authInfo, parsedBody: json }),
    );
    const { status } = response;
    const answerBody = await bodyOf(response, slot);
    if (slot.challenge) {
      if (answerBody && "cancel" in answerBody) await answerBody.cancel();
      return failure(slot.challenge);
    }
    slot.hasBegun = true;
    // A scope challenge (403) is in the audit log.
    if (status >= 400 && status !== 403) {
      const level = status >= 500 ? "error" : "info";
      const rpcError = rpcErrorIn(answerBody);
      invocation.log(level, "mcp.refused", { status, rpcError });
    }
    return success({ status, headers: Object.fromEntries(response.headers), body: answerBody });
  };
}

/** The request with its body, which has been read, to be read once more. */
function rewound({ url, method, headers }: Request, body: Uint8Array<ArrayBuffer>): Request {
  return new Request(url, { method, headers, body });
}

/** The day is the first thing that a model lacks. Written anew when it is another. */
function datedInstructions({ instructions, now }: McpServerDefinition): () => string {
  let written = { day: Number.NaN, text: "" };
  return () => {
    const time = now();
    const day = Math.floor(time / dayMilliseconds);
    if (day !== written.day) {
      const today = new Date(time).toISOString().slice(0, "YYYY-MM-DD".length);
      written = { day, text: `${instructions} Today is ${today} (UTC).`.trimStart() };
    }
    return written.text;
  };
}

const dayMilliseconds = 24 * 60 * 60 * 1000;

function createServer(
  definition: McpServerDefinition,
  options: ServerOptions,
  instructions: () => string,
  registrations: ReadonlyMap<string, Registration>,
  slot: RequestSlot,
  era: McpRequestContext["era"],
): McpServer {
  const { name, title, version, tools, isAdministrator, approvals, fixtures } = definition;
  const { context } = slot;
  const server = new McpServer(
    { name, title, version },
    {
      ...options,
      instructions: instructions(),
      requestState: approvals ? requestStateCheck(approvals, era, context) : fixtures?.requestState,
    },
  );
  for (const called of new Set(slot.calledTools)) {
    const registration = registrations.get(called);
    if (!registration) continue;
    const { tool, config } = registration;
    server.registerTool(tool.name, config, (_checked, { mcpReq }) =>
      slot.run<CallToolResult | InputRequiredResult>({
        signal: mcpReq.signal,
        work: () => {
          const channel = approvals && { approvals, client: clientRound(era, mcpReq) };
          const toolArguments = slot.argumentsOf(mcpReq.id);
          const services = { isAdministrator, channel };
          return tool.call(toolArguments, withProgress(context, mcpReq), services);
        },
        undone: (reason) => ({
          result: errorResult(undoneText(tool.name)),
          event: { action: "tool-call", tool: tool.name, outcome: "failed", reason },
        }),
      }),
    );
  }
  server.server.setRequestHandler("tools/list", async () => {
    const { items, isCertain } = await visibleTo("tool", tools, isAdministrator, context);
    const listed = { tools: items.map((tool) => tool.listing) };
    // What a moment's outage hid is not to be missing for as long as a list may be kept.
    return isCertain || era === "legacy" ? listed : { ...listed, ...notToBeKept };
  });
  server.server.onerror = (error) => {
    // Each message of a batch can have one, all of a kind.
    delete server.server.onerror;
    context.log("warn", "mcp.error", { cause: thrown(error) });
  };
  if (fixtures) {
    fixtures.extend(server, context);
    offerNoChanges(server);
  }
  const isFixture = (name: string) => fixtures?.prompts?.includes(name) ?? false;
  if (!fixtures || !slot.named("prompts/get", "name").some(isFixture)) {
    serveOffers(server, definition, slot, era);
  }
  // The SDK's handler keeps hold of a server until it has answered, which it may never do. What its
  // tools say of the time that is up is answered before.
  const close = () => setTimeout(() => void server.close(), 2 * graceMilliseconds).unref();
  context.signal.addEventListener("abort", close, { once: true });
  return server;
}

/** The SDK declares that lists of prompts and resources change, unless told: nothing is sent of it. */
function offerNoChanges({ server }: McpServer): void {
  const { prompts, resources } = server.getCapabilities();
  server.registerCapabilities({
    ...(prompts && { prompts: { listChanged: false } }),
    ...(resources && { resources: { listChanged: false } }),
  });
}
