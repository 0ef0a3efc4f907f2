import type { Caller, CallerClaims } from "../../src/core/caller.ts";
import type { LogFields } from "../../src/core/log.ts";
import { success } from "../../src/core/result.ts";
import { createMcpEndpoint, type McpServerDefinition } from "../../src/mcp/server.ts";
import { aCaller } from "../downstream/fakes.ts";
import { type ClientKind, type ConnectedClient, connectClient } from "../support/clients.ts";
import { scopes, serveAlone } from "./serve-alone.ts";

const url = new URL("https://mcp.contoso.example/mcp");

export function callerWith(objectId: string, changes: Partial<CallerClaims> = {}): Caller {
  const claims = { objectId, handlesClaimsChallenges: false, expiresAt: 4_000_000_000, ...changes };
  return aCaller(claims, "marked-secret token");
}

/** A server in this process, and what it logs. */
export interface OfferServer {
  readonly lines: { readonly event: string; readonly fields: LogFields | undefined }[];
  connect(kind: ClientKind, caller?: Caller): Promise<ConnectedClient>;
  /** Sends a body as a legacy client does: a message, or a batch. */
  legacy(body: unknown, caller?: Caller): Promise<Response>;
  /** Sends a message of the 2026-07-28 revision. */
  modern(
    method: string,
    params: Record<string, unknown>,
    name?: string,
    caller?: Caller,
  ): Promise<Response>;
}

/** Serves what a test is about. */
export function serveOffered(definition: Partial<McpServerDefinition>): OfferServer {
  const lines: OfferServer["lines"] = [];
  const endpoint = createMcpEndpoint({
    name: "test-server",
    title: "Test server",
    version: "1.2.3",
    instructions: "For tests.",
    tools: [],
    resources: [],
    prompts: [],
    isAdministrator: async () => success(false),
    scopes,
    now: Date.now,
    log: () => {},
    ...definition,
  });
  const serve = (request: Request, caller: Caller) =>
    serveAlone(endpoint, request, caller, (_level, event, fields) => lines.push({ event, fields }));
  const post = (body: unknown, headers: Record<string, string>, caller = callerWith("user-1")) =>
    serve(
      new Request(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          ...headers,
        },
        body: JSON.stringify(body),
      }),
      caller,
    );
  return {
    lines,
    connect: (kind, caller = callerWith("user-1")) =>
      connectClient(kind, url, {
        fetch: async (input, init) => {
          const request = new Request(input, init);
          if (request.method !== "POST") return new Response(null, { status: 405 });
          return serve(request, caller);
        },
      }),
    legacy: (body, caller) => post(body, {}, caller),
    modern(method, params, name, caller) {
      const _meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
        ...(params._meta as object),
      };
      const headers = {
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": method,
        ...(name ? { "mcp-name": name } : {}),
      };
      const body = { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } };
      return post(body, headers, caller);
    },
  };
}
