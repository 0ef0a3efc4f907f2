import { randomBytes } from "node:crypto";
import type { HttpClient } from "@azure/core-rest-pipeline";
import type { z } from "zod";
import { type Adapters, type App, compose } from "../../src/app.ts";
import { readSettings } from "../../src/config.ts";
import type { LogFields } from "../../src/core/log.ts";
import type { Domain } from "../../src/define-domain.ts";
import { type Answer, fakeNetwork, type SentRequest, tokenAnswer } from "../downstream/fakes.ts";
import {
  clientId,
  keySetDocument,
  makeSigningKey,
  nowSeconds,
  type SigningKey,
  tenantId,
} from "../gates/tokens.ts";
import { FakeClock } from "../keys/fake-clock.ts";
import { MemoryKeyStorage } from "../keys/memory-key-storage.ts";
import { MemoryApprovalLedger } from "../mcp/approvals/memory-approval-ledger.ts";
import { MemoryUserBlobs } from "../storage/memory-user-blobs.ts";

export const host = "mcp.contoso.example";

const adminGroupId = "dddddddd-0000-4000-8000-000000000004";

/** Settings of a server that lets any rate through. */
export const testEnvironment: Readonly<Record<string, string>> = {
  MCP_PUBLIC_URL: `https://${host}/mcp`,
  ENTRA_TENANT_ID: tenantId,
  ENTRA_CLIENT_ID: clientId,
  ENTRA_IDENTIFIER_URI: "api://mcp",
  ENTRA_AUTHORITY_HOST: "https://login.example",
  ENTRA_ADMIN_GROUP_ID: adminGroupId,
  ENTRA_CLIENT_SECRET: "secret",
  AZURE_FUNCTIONS_ENVIRONMENT: "Development",
  COSMOS_ENDPOINT: "https://cosmos.example",
  STORAGE_BLOB_ENDPOINT: "https://storage.example",
  RATE_LIMIT_PER_CALLER: "0",
  RATE_LIMIT_PER_ADDRESS: "0",
};

export interface LoggedEvent {
  readonly event: string;
  readonly fields: LogFields | undefined;
}

/** An application as it is deployed, over parts of the test's own. */
export interface ComposedApp extends App {
  /** The key that the authority signs access tokens with. */
  readonly key: SigningKey;
  readonly clock: FakeClock;
  /** Everything logged, by requests and outside of them. */
  readonly events: LoggedEvent[];
  /** Sends a request to `/mcp`. */
  send(request: Request): Promise<Response>;
}

export interface ComposedOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly adapters?: Partial<Adapters>;
  /** What the authority signs with; one that all share unless given. */
  readonly key?: SigningKey | undefined;
}

let signingKey: Promise<SigningKey> | undefined;

/** One for all: to make a key takes longer than what most tests do with it. */
export function sharedSigningKey(): Promise<SigningKey> {
  signingKey ??= makeSigningKey("current");
  return signingKey;
}

export async function composeForTest<Schema extends z.ZodObject, ContainerName extends string>(
  domain: Domain<Schema, ContainerName>,
  { environment = {}, adapters = {}, ...options }: ComposedOptions = {},
): Promise<ComposedApp> {
  const key = options.key ?? (await sharedSigningKey());
  const document = await keySetDocument([key]);
  const clock = new FakeClock(nowSeconds * 1000);
  const events: LoggedEvent[] = [];
  const log = (_level: string, event: string, fields?: LogFields) => {
    events.push({ event, fields });
  };
  const settings = readSettings({ ...testEnvironment, ...environment }, domain.settings);
  const app = compose(
    settings,
    {
      now: clock.now,
      monotonicNow: clock.now,
      randomBytes,
      log,
      fetch: async () => Response.json(document),
      httpClient: companyNetwork(),
      managedIdentity: { getToken: async () => null },
      openContainer: async () => {
        throw new Error("This test has no database.");
      },
      keyStorage: new MemoryKeyStorage(),
      gatewayKeyStorage: new MemoryKeyStorage(),
      approvalLedger: new MemoryApprovalLedger(),
      reachStorage: async () => {},
      userBlobs: new MemoryUserBlobs(clock.now),
      reachUserBlobs: async () => {},
      ...adapters,
    },
    domain,
  );
  const invocation = { id: "invocation", log };
  return { ...app, key, clock, events, send: (request) => app.mcp(request, invocation) };
}

/**
 * An authority that exchanges every token, and a Graph in which everybody is an administrator and
 * nobody may read their profile.
 */
export function companyNetwork(
  answers: {
    readonly authority?: (request: SentRequest) => Answer | Promise<Answer>;
    readonly graph?: (request: SentRequest) => Answer | Promise<Answer>;
  } = {},
): HttpClient {
  const { authority = () => tokenAnswer("graph-token"), graph = administratorsAlone } = answers;
  return fakeNetwork((request) =>
    request.url.startsWith("https://login.example/") ? authority(request) : graph(request),
  ).httpClient;
}

function administratorsAlone({ url }: SentRequest): Answer {
  if (!url.includes("/transitiveMemberOf/")) return { status: 403 };
  return { body: { "@odata.count": 1, value: [{ id: adminGroupId }] } };
}
