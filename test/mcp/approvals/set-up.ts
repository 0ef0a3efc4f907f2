import { setImmediate } from "node:timers/promises";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { z } from "zod";
import type { Caller, CallerClaims } from "../../../src/core/caller.ts";
import type { LogFields } from "../../../src/core/log.ts";
import { failure, success } from "../../../src/core/result.ts";
import { createApprovals } from "../../../src/mcp/approvals/approvals.ts";
import type { ApprovalMode } from "../../../src/mcp/approvals/refusal.ts";
import { defineTool } from "../../../src/mcp/define-tool.ts";
import type { AdministratorCheck, ToolPolicy } from "../../../src/mcp/policy.ts";
import { createMcpEndpoint } from "../../../src/mcp/server.ts";
import type { ToolFailure } from "../../../src/mcp/tool.ts";
import { aCaller } from "../../downstream/fakes.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { MemoryKeyStorage } from "../../keys/memory-key-storage.ts";
import { testKeyRing } from "../../keys/test-key-ring.ts";
import { type ClientOptions, type ToolResult, textOf } from "../../support/clients.ts";
import { claimsIn, scopes, serveAlone } from "../serve-alone.ts";
import { MemoryApprovalLedger } from "./memory-approval-ledger.ts";

export const url = new URL("https://mcp.contoso.example/mcp");

export function callerWith(changes: Partial<CallerClaims> = {}): Caller {
  const claims = {
    objectId: "aaaaaaaa-0000-4000-8000-000000000001",
    clientId: "bbbbbbbb-0000-4000-8000-000000000002",
    handlesClaimsChallenges: false,
    expiresAt: 4_000_000_000,
  };
  return aCaller({ ...claims, ...changes }, "marked-secret token");
}

/** What the tools work on: documents by name, what was done to them, and how reading them fails. */
export class World {
  readonly documents = new Map([
    ["diary", "Dear diary"],
    ["letter", "Dear Sir"],
  ]);
  readonly shredded: string[] = [];
  problem: ToolFailure | undefined;
  throws = false;

  async read(name: string) {
    await setImmediate();
    if (this.throws) throw new Error("marked-secret");
    if (this.problem) return failure(this.problem);
    const content = this.documents.get(name);
    return content === undefined
      ? failure({ reason: "no-such-document", message: "There is no such document." })
      : success({ name, content });
  }
}

const document = { name: z.string(), content: z.string() };

/** A tool that destroys a document, once approved. */
export function shredder(world: World, name = "shred", policy: ToolPolicy = {}) {
  return defineTool({
    name,
    title: name,
    description: "Destroys a document.",
    annotations: { destructiveHint: true },
    inputSchema: z.strictObject({
      name: z.string(),
      options: z.strictObject({ crosscut: z.boolean(), copies: z.int() }).partial().default({}),
    }),
    outputSchema: z.object({ shredded: z.string() }),
    policy: {
      ...policy,
      approval: {
        affectedSchema: z.object(document),
        affected: (input) => world.read(input.name),
        question: ({ name, content }) => `Destroy ${name} (${content})?`,
      },
    },
    handler: async (input) => {
      await setImmediate();
      world.shredded.push(input.name);
      return success({ shredded: input.name });
    },
    present: ({ shredded }) => `Destroyed ${shredded}.`,
  });
}

export interface SetUpOptions {
  readonly mode?: ApprovalMode;
  readonly isAdministrator?: AdministratorCheck;
  /** What instances of one server share. */
  readonly shared?: Shared;
}

export class Shared {
  readonly clock = new FakeClock();
  readonly keyStorage = new MemoryKeyStorage();
  readonly ledger = new MemoryApprovalLedger();
  readonly world = new World();
  readonly lines: { event: string; fields: LogFields | undefined }[] = [];
}

/** One instance of a server, reached in process. */
export function setUp({
  mode = "any",
  isAdministrator = async () => success(false),
  shared = new Shared(),
}: SetUpOptions = {}) {
  const { clock, keyStorage, ledger, world, lines } = shared;
  const endpoint = createMcpEndpoint({
    name: "test-server",
    title: "Test server",
    version: "1.2.3",
    instructions: "For tests.",
    tools: [
      shredder(world),
      shredder(world, "burn"),
      shredder(world, "purge", { administratorsOnly: true }),
    ],
    isAdministrator,
    now: Date.now,
    resources: [],
    prompts: [],
    log: () => {},
    approvals: createApprovals({
      keyRing: testKeyRing({ storage: keyStorage, clock }),
      ledger,
      mode,
      now: clock.now,
    }),
    scopes,
  });

  /** As the wire edge would; a claims challenge is 401 with the claims as body. */
  const fetchAs = (caller: Caller) => async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    if (request.method !== "POST") return new Response(null, { status: 405 });
    return serveAlone(endpoint, request, caller, (_level, event, fields) =>
      lines.push({ event, fields }),
    );
  };
  return { ...shared, fetchAs, call: callOver(fetchAs) };
}

export interface RawCall {
  readonly caller?: Caller;
  readonly tool?: string;
  readonly arguments?: Record<string, unknown>;
  readonly capabilities?: Record<string, unknown>;
  readonly requestState?: string;
  readonly inputResponses?: Record<string, unknown>;
}

/** What comes back of a call, as far as the tests look at it. */
export interface RawAnswer {
  readonly status: number;
  /** What it challenges for. */
  readonly claims: string | undefined;
  readonly error?: { readonly code: number; readonly message: string };
  readonly result?: ToolResult & {
    readonly resultType?: string;
    readonly requestState?: string;
    readonly inputRequests?: unknown;
  };
}

export const asking = { elicitation: { form: {} } };
export const accepted = { approval: { action: "accept", content: {} } };

/** The text of a call's result. */
export function wordsOf({ result }: RawAnswer): string {
  if (!result) throw new Error("The call has no result.");
  return textOf(result);
}

/** The confirmation in a preview. */
export function confirmationIn({ structuredContent }: ToolResult): string {
  return (structuredContent as { confirmation: string }).confirmation;
}

/** The two ways of approving as they are on the wire: the first call, what it gives, the second. */
export const ways = [
  {
    way: "question",
    first: { capabilities: asking } as RawCall,
    given: ({ result }: RawAnswer) => String(result?.requestState),
    second: (given: string, toolArguments: Record<string, unknown> = { name: "diary" }) =>
      ({
        capabilities: asking,
        arguments: toolArguments,
        requestState: given,
        inputResponses: accepted,
      }) as RawCall,
  },
  {
    way: "confirmation",
    first: {} as RawCall,
    given: ({ result }: RawAnswer) => confirmationIn(result ?? {}),
    second: (given: string, toolArguments: Record<string, unknown> = { name: "diary" }) =>
      ({ arguments: { ...toolArguments, confirmation: given } }) as RawCall,
  },
] as const;

/** Calls of the 2026-07-28 revision as they are on the wire: what a client would never send too. */
function callOver(fetchAs: (caller: Caller) => typeof fetch) {
  return async ({
    caller = callerWith(),
    tool = "shred",
    capabilities = {},
    arguments: toolArguments = { name: "diary" },
    ...retry
  }: RawCall = {}): Promise<RawAnswer> => {
    const response = await fetchAs(caller)(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "tools/call",
        "mcp-name": tool,
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: {
          name: tool,
          arguments: toolArguments,
          ...retry,
          _meta: {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": capabilities,
            "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
          },
        },
      }),
    });
    const { status } = response;
    return { status, claims: claimsIn(response), ...((await response.json()) as object) };
  };
}

/** A client that puts questions to a person, who gives these answers in turn. */
export async function askingClient(
  endpoint: URL,
  { accessToken, fetch }: Pick<ClientOptions, "accessToken" | "fetch">,
  answers: readonly ("accept" | "decline" | "cancel")[],
) {
  const questions: { message: string; requestedSchema: unknown }[] = [];
  const client = new Client(
    { name: "test-client", version: "1.0.0" },
    { capabilities: asking, versionNegotiation: { mode: { pin: "2026-07-28" } } },
  );
  client.setRequestHandler("elicitation/create", async ({ params }) => {
    if (params.mode === "url") throw new Error("Asked for a form alone.");
    const { message, requestedSchema } = params;
    const action = answers[questions.length] ?? "cancel";
    questions.push({ message, requestedSchema });
    return action === "accept" ? { action, content: {} } : { action };
  });
  const requestInit = accessToken ? { headers: { authorization: `Bearer ${accessToken}` } } : {};
  await client.connect(new StreamableHTTPClientTransport(endpoint, { fetch, requestInit }));
  return { client, questions };
}
