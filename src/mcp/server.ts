import {
  createMcpHandler,
  type McpRequestContext,
  McpServer,
  type ServerOptions,
} from "@modelcontextprotocol/server";
import type { Caller } from "../core/caller.ts";
import { graceMilliseconds } from "../core/deadline.ts";
import type { Answer, Invocation, Pieces, SignInChallenge } from "../core/endpoint.ts";
import { type Log, thrown } from "../core/log.ts";
import { failure, type Result, success } from "../core/result.ts";
import { serveAccepted } from "./accept.ts";
import type { Approvals } from "./approvals/approvals.ts";
import { clientRound, requestStateCheck } from "./approvals/client-round.ts";
import { inOwnWords } from "./own-words.ts";
import { type AdministratorCheck, visibleTo } from "./policy.ts";
import { type Registration, registrationOf } from "./registration.ts";
import { RequestSlot, type ScopeNames } from "./request-slot.ts";
import type { DefinedTool, ToolContext } from "./tool.ts";

export interface McpServerDefinition {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** For the model: what the server is for and how its tools work together. */
  readonly instructions: string;
  readonly tools: readonly DefinedTool[];
  readonly isAdministrator: AdministratorCheck;
  /** What has the calls of tools approved that need it; without such tools it may be left out. */
  readonly approvals?: Approvals | undefined;
  readonly scopes: ScopeNames;
  /**
   * Adds what is no tool, such as resources and prompts, to the server of one request. Of what a
   * handler throws the client is told the JSON-RPC code alone.
   */
  readonly extend?: ((server: McpServer, context: ToolContext) => void) | undefined;
  /** Checks a `requestState` that comes back; with `approvals`, they do. */
  readonly requestState?: ServerOptions["requestState"];
  /** For what the SDK reports of no request in particular. */
  readonly log: Log;
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

/** How long a client may keep a list. What it holds differs by caller, hence always `private`. */
const cacheHint = { ttlMs: 60_000, cacheScope: "private" } as const;
const notToBeKept = { ttlMs: 0, cacheScope: "private" } as const;

/**
 * The model-facing edge: every request gets a server of its own, so that no response can reach
 * another request, and nothing of the protocol is kept between requests. Serves the 2026-07-28
 * revision and, from `initialize` on, the legacy ones.
 *
 * @throws {Error} where a tool needs approval and `definition` has no approvals, or where two tools
 *   have one name
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
  const handler = createMcpHandler(
    ({ era, authInfo }) => {
      const slot = RequestSlot.of(authInfo);
      try {
        return createServer(definition, registrations, slot, era);
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
    const response = await serveAccepted(request, Array.isArray(json), (accepted) =>
      json === undefined
        ? handler.fetch(rewound(accepted, bytes), { authInfo })
        : handler.fetch(accepted, { authInfo, parsedBody: json }),
    );
    const { status } = response;
    const answerBody = await bodyOf(response);
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

/**
 * What the SDK answers: whole, unless the body goes on being made after its first bytes, as one does
 * in which progress precedes the result. Waits for the first bytes, which is when the tool has
 * finished or begun to tell: legacy revisions hand out 200 and a stream before.
 */
async function bodyOf(response: Response): Promise<Uint8Array<ArrayBuffer> | null | Pieces> {
  if (!response.body) return null;
  const { status } = response;
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  const reader = response.body.getReader();
  const read: Promise<ReadResult>[] = [];
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const reading = reader.read();
    const mayGoOn = isStream && read.length > 0;
    const piece = await (mayGoOn ? Promise.race([reading, nextTurn()]) : reading);
    if (piece?.done) {
      return isStream
        ? concatenated(pieces.map((event) => inOwnWords(event, status)))
        : inOwnWords(concatenated(pieces), status);
    }
    read.push(reading);
    if (!piece) {
      const next = async () => {
        const { done, value } = await (read.shift() ?? reader.read());
        return value ? { done, value: inOwnWords(value, status) } : { done };
      };
      return { next, cancel: () => reader.cancel() };
    }
    if (piece.value) pieces.push(piece.value);
  }
}

/** The number of the JSON-RPC error in an answer. Its text is not for the log: it may quote what came in. */
function rpcErrorIn(body: Uint8Array | null | Pieces): number | undefined {
  if (!(body instanceof Uint8Array)) return undefined;
  const [, number] = /"code":(-?\d+)/.exec(Buffer.from(body).toString()) ?? [];
  return number === undefined ? undefined : Number(number);
}

function concatenated(pieces: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [first] = pieces;
  if (pieces.length === 1 && first) return first;
  return new Uint8Array(Buffer.concat(pieces));
}

type ReadResult = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>["read"]>>;

/** Resolves once everything that is ready now has run. */
function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => {
    setImmediate(resolve, undefined);
  });
}

function createServer(
  definition: McpServerDefinition,
  registrations: ReadonlyMap<string, Registration>,
  slot: RequestSlot,
  era: McpRequestContext["era"],
): McpServer {
  const { name, title, version, instructions, tools, isAdministrator, approvals } = definition;
  const { context } = slot;
  const server = new McpServer(
    { name, title, version },
    {
      instructions,
      capabilities: { tools: { listChanged: false } },
      requestState: approvals
        ? requestStateCheck(approvals, era, context)
        : definition.requestState,
      // Its questions in legacy revisions would wait for an answer that has no way back to us.
      inputRequired: { legacyShim: false },
      cacheHints: { "tools/list": cacheHint, "server/discover": cacheHint },
    },
  );
  for (const called of new Set(slot.calledTools)) {
    const registration = registrations.get(called);
    if (!registration) continue;
    const { tool, config } = registration;
    server.registerTool(tool.name, config, (_checked, { mcpReq }) =>
      slot.run(tool.name, mcpReq.signal, () => {
        const channel = approvals && { approvals, client: clientRound(era, mcpReq) };
        const toolArguments = slot.argumentsOf(mcpReq.id);
        return tool.call(toolArguments, context, { isAdministrator, channel });
      }),
    );
  }
  server.server.setRequestHandler("tools/list", async () => {
    const { items, isCertain } = await visibleTo(tools, isAdministrator, context);
    const listed = { tools: items.map((tool) => tool.listing) };
    // What a moment's outage hid is not to be missing for as long as a list may be kept.
    return isCertain || era === "legacy" ? listed : { ...listed, ...notToBeKept };
  });
  server.server.onerror = (error) => {
    // Each message of a batch can have one, all of a kind.
    delete server.server.onerror;
    context.log("warn", "mcp.error", { cause: thrown(error) });
  };
  if (definition.extend) {
    definition.extend(server, context);
    offerNoChanges(server);
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
