import type { Container } from "@azure/cosmos";
import { isInputRequiredResult, type ReadResourceResult } from "@modelcontextprotocol/server";
import type { RequestAuditEvent } from "../../src/core/audit.ts";
import { failure, type Result, success } from "../../src/core/result.ts";
import { type Connections, type Domain, noConnections } from "../../src/define-domain.ts";
import { graph } from "../../src/directory/graph.ts";
import type { ApiClient } from "../../src/downstream/api-client.ts";
import { createApprovals } from "../../src/mcp/approvals/approvals.ts";
import type { OwnError } from "../../src/mcp/own-words.ts";
import type { DefinedTool } from "../../src/mcp/tool.ts";
import type { UserBlobs } from "../../src/storage/user-blobs.ts";
import { aCaller } from "../downstream/fakes.ts";
import { FakeClock } from "../keys/fake-clock.ts";
import { MemoryKeyStorage } from "../keys/memory-key-storage.ts";
import { testKeyRing } from "../keys/test-key-ring.ts";
import { MemoryApprovalLedger } from "../mcp/approvals/memory-approval-ledger.ts";
import { MemoryUserBlobs } from "../storage/memory-user-blobs.ts";
import type { ToolResult } from "./clients.ts";

export interface ToolRunnerOptions {
  /** The domain's settings as they are read, by name. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Every container of the domain. */
  readonly container: Container;
  readonly keyStorage?: MemoryKeyStorage;
  readonly blobs?: UserBlobs;
  /** Clients that people have connected; nobody has any unless given. */
  readonly connections?: Connections;
}

export interface ToolRunner {
  readonly tools: readonly DefinedTool[];
  /** What handlers wrote down of what they did. */
  readonly audited: readonly RequestAuditEvent[];
  /** Calls a tool for a person, through a client that cannot ask them; each call a second later. */
  run(name: string, toolArguments: unknown, objectId?: string): Promise<ToolResult>;
  /**
   * Reads a resource for a person.
   *
   * @throws {Error} where no definition has the URI
   */
  read(uri: string, objectId?: string): Promise<Result<ReadResourceResult, OwnError>>;
}

/** The tools of a domain, without a server around them. */
export function runTools(
  domain: Domain,
  {
    settings,
    container,
    keyStorage = new MemoryKeyStorage(),
    blobs = new MemoryUserBlobs(),
    connections = noConnections,
  }: ToolRunnerOptions,
): ToolRunner {
  const clock = new FakeClock();
  const { now } = clock;
  const keyRing = testKeyRing({ clock, storage: keyStorage });
  const directory: ApiClient = { api: graph, get: async () => failure({ kind: "denied" }) };
  const containers = Object.fromEntries(
    Object.keys(domain.containers).map((name) => [name, async () => container]),
  );
  const parts = {
    settings,
    containers,
    blobs,
    directory,
    api: () => directory,
    connections,
    keyRing,
    now,
  };
  const tools = domain.tools(parts);
  const resources = domain.resources?.(parts) ?? [];
  const audited: RequestAuditEvent[] = [];
  const contextOf = (objectId: string) => ({
    caller: aCaller({ objectId }),
    signal: AbortSignal.timeout(10_000),
    log: () => {},
    audit: (event: RequestAuditEvent) => void audited.push(event),
    progress: () => {},
  });
  const isAdministrator = async () => success(true);
  const approvals = createApprovals({
    keyRing,
    ledger: new MemoryApprovalLedger(),
    mode: "any",
    now,
  });
  const client = { canBeAsked: false, requestState: undefined, answer: undefined };
  return {
    tools,
    audited,
    async run(name, toolArguments, objectId = "user-1") {
      clock.advance(1000);
      const tool = tools.find((candidate) => candidate.name === name) as DefinedTool;
      const { result } = await tool.call(toolArguments, contextOf(objectId), {
        isAdministrator,
        channel: { approvals, client },
      });
      if (isInputRequiredResult(result)) throw new Error("Asks through a client that cannot.");
      return result;
    },
    async read(uri, objectId = "user-1") {
      const found = resources.find((resource) => resource.match(uri) !== undefined);
      if (!found) throw new Error(`There is no resource ${uri}.`);
      const { result } = await found.read(uri, contextOf(objectId), { isAdministrator });
      return result;
    },
  };
}
