import {
  Client,
  type OAuthClientProvider,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import type { OAuthClientProvider as LegacyOAuthClientProvider } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

/**
 * The clients that people use: the current package in the 2026-07-28 revision and in the legacy
 * ones, and the 1.x package.
 */
export const clientKinds = ["modern", "legacy", "v1"] as const;

export type ClientKind = (typeof clientKinds)[number];

export interface ToolResult {
  readonly content?: unknown;
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
}

export interface ReadResource {
  readonly contents: readonly {
    readonly uri: string;
    readonly mimeType?: string | undefined;
    readonly text?: string;
    readonly blob?: string;
  }[];
}

export interface CompletionRequest {
  ref: { type: "ref/prompt"; name: string } | { type: "ref/resource"; uri: string };
  argument: { name: string; value: string };
  context?: { arguments: Record<string, string> };
}

/** What the tests do with a client, whatever its kind. */
export interface ConnectedClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments?: Record<string, unknown> }): Promise<ToolResult>;
  listResources(): Promise<{ resources: { uri: string; name: string }[] }>;
  listResourceTemplates(): Promise<{ resourceTemplates: { uriTemplate: string; name: string }[] }>;
  readResource(resource: { uri: string }): Promise<ReadResource>;
  listPrompts(): Promise<{ prompts: { name: string }[] }>;
  getPrompt(prompt: {
    name: string;
    arguments?: Record<string, string>;
  }): Promise<{ messages: { content: unknown }[] }>;
  complete(asked: CompletionRequest): Promise<{ completion: { values: string[] } }>;
  getServerVersion(): unknown;
  getInstructions(): string | undefined;
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly fetch?: (input: string | URL, init?: RequestInit) => Promise<Response>;
  readonly accessToken?: string;
  readonly authProvider?: OAuthClientProvider & LegacyOAuthClientProvider;
}

/** A client and its transport, not connected yet. */
export function createClient(kind: ClientKind, url: URL, options: ClientOptions) {
  const { accessToken, ...transportOptions } = options;
  const requestInit = accessToken ? { headers: { authorization: `Bearer ${accessToken}` } } : {};
  if (kind === "v1") {
    const client = new LegacyClient({ name: "test-client", version: "1.0.0" });
    const transport = new LegacyTransport(url, { ...transportOptions, requestInit });
    return {
      client: client as ConnectedClient,
      transport,
      connect: () => client.connect(transport),
    };
  }
  const client = new Client(
    { name: "test-client", version: "1.0.0" },
    kind === "modern" ? { versionNegotiation: { mode: { pin: "2026-07-28" } } } : {},
  );
  const transport = new StreamableHTTPClientTransport(url, { ...transportOptions, requestInit });
  return { client: client as ConnectedClient, transport, connect: () => client.connect(transport) };
}

export async function connectClient(
  kind: ClientKind,
  url: URL,
  options: ClientOptions,
): Promise<ConnectedClient> {
  const { client, connect } = createClient(kind, url, options);
  await connect();
  return client;
}

/** The text of a tool's result, as a model reads it. */
export function textOf(result: ToolResult): string {
  const blocks = result.content as { type: string; text: string }[];
  return blocks.flatMap(({ type, text }) => (type === "text" ? text : [])).join("\n");
}

/** The text of a tool's result, as a person reads it: without what delimits what people entered. */
export function plainTextOf(result: ToolResult): string {
  return withoutQuotations(textOf(result));
}

/** A text without the delimiters of what people entered, and without the line that tells of them. */
export function withoutQuotations(text: string): string {
  const [, nonce] = /^Between <(\w{4})> and .*\n/.exec(text) ?? [];
  if (nonce === undefined) return text;
  return text.slice(text.indexOf("\n") + 1).replaceAll(new RegExp(`</?${nonce}>`, "g"), "");
}
