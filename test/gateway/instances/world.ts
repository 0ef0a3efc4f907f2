import { ErrorResponse } from "@azure/cosmos";
import { decodeJwt } from "jose";
import { expect } from "vitest";
import { z } from "zod";
import type { LogFields } from "../../../src/core/log.ts";
import { failure, type Result, success } from "../../../src/core/result.ts";
import { defineDomain } from "../../../src/define-domain.ts";
import { getUserDetails } from "../../../src/directory/get-user-details.ts";
import type { KeyStorage, StorageFailure } from "../../../src/keys/key-storage.ts";
import { defineTool } from "../../../src/mcp/define-tool.ts";
import { everyone } from "../../../src/mcp/policy.ts";
import { nowSeconds } from "../../gates/tokens.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { MemoryKeyStorage } from "../../keys/memory-key-storage.ts";
import { type ComposedApp, composeForTest } from "../../support/composed.ts";
import { gatewayOn, send } from "../composed-gateway.ts";
import { type ContainerView, MemoryContainer } from "../memory-container.ts";
import { Entra } from "./entra.ts";
import { Life } from "./life.ts";

export const second = 1000;
export const minute = 60 * second;

/** Tells who calls, and ends all their connections as the end of an erasure does. */
const domain = defineDomain({
  name: "who",
  title: "Who",
  instructions: "Tells who calls.",
  scopeDescription: "Tell who you are",
  settings: z.object({}),
  containers: {},
  tools: ({ directory, connections }) => [
    getUserDetails(directory),
    defineTool({
      name: "forget_me",
      title: "Forget me",
      description: "Ends all connections of the signed-in person.",
      annotations: { readOnlyHint: false },
      inputSchema: z.strictObject({}),
      outputSchema: z.object({ ended: z.int() }),
      policy: everyone,
      async handler(_input, { caller }) {
        const ended = await connections.endAll(caller.objectId, "erasure-1");
        return ended.ok
          ? success({ ended: ended.value })
          : failure({ reason: "storage", message: "Not all have ended. Try again." });
      },
      ifUnknown: "Call it again.",
      present: ({ ended }) => `Ended: ${ended}`,
    }),
  ],
});

type Outage = "reached" | "out" | "throttled";

/** What is out of reach of every instance. */
interface Outages {
  database: Outage;
  keys: Outage;
}

/** All that instances of the server share. */
export class World {
  readonly clock = new FakeClock(nowSeconds * 1000);
  readonly memory = new MemoryContainer();
  readonly keyStorage = new MemoryKeyStorage();
  readonly gatewayKeyStorage = new MemoryKeyStorage();
  readonly outages: Outages = { database: "reached", keys: "reached" };
  readonly entra = new Entra(this.clock.now);

  /** Starts a further instance. */
  start(options: InstanceOptions = {}): Promise<Instance> {
    return startInstance(this, options);
  }

  /** The grant of an access token, as the database has it; nothing where it is gone. */
  grantOf(accessToken: string): { readonly state: string; readonly why?: string } | undefined {
    const id = `grant:${decodeJwt<{ grant_id: string }>(accessToken).grant_id}`;
    const found = this.memory.documents().find((document) => document.id === id);
    return found?.item as { readonly state: string; readonly why?: string } | undefined;
  }

  hasEnded(accessToken: string): boolean {
    return this.grantOf(accessToken)?.state !== "active";
  }
}

export interface InstanceOptions {
  /** How many of its reads of an item lag behind what another has written. */
  readonly staleReads?: number;
  readonly life?: Life;
}

/** One instance of the server, composed as in production. */
export interface Instance {
  /** The network of whoever is outside: this instance, and Entra's pages. */
  readonly fetch: typeof fetch;
  readonly app: ComposedApp;
  readonly view: ContainerView;
}

async function startInstance(
  world: World,
  { staleReads = 0, life = new Life() }: InstanceOptions,
): Promise<Instance> {
  const { clock, outages, entra } = world;
  const view = world.memory.view({
    staleReads,
    async before() {
      await life.before();
      fail(outages.database);
    },
    after: life.after,
  });
  const container = Object.assign(view.container, { read: async () => fail(outages.database) });
  const storage = (shared: KeyStorage): KeyStorage => {
    const reach = <Value>(work: () => Promise<Result<Value, StorageFailure>>) =>
      life.step(async () => (outages.keys === "reached" ? work() : unreachable));
    return {
      read: () => reach(() => shared.read()),
      create: (text) => reach(() => shared.create(text)),
      replace: (text, etag) => reach(() => shared.replace(text, etag)),
    };
  };
  const app = await composeForTest(domain, {
    environment: gatewayOn,
    adapters: {
      ...{ now: clock.now, monotonicNow: clock.now, pause: async () => {} },
      openContainer: async () => container,
      httpClient: entra.network(life.step),
      keyStorage: storage(world.keyStorage),
      gatewayKeyStorage: storage(world.gatewayKeyStorage),
      reachStorage: async () => fail(outages.keys),
    },
  });
  entra.key = app.key;

  const fetchFrom: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (entra.hasPage(url)) return entra.signIn(url);
    const log = (_level: string, event: string, fields?: LogFields) => {
      app.events.push({ event, fields });
    };
    const response = await Promise.race([send(app, input, init, log), life.end]);
    // What throws in here is answered 500 by the platform.
    expect(response.status).not.toBe(500);
    return response;
  };
  return { fetch: fetchFrom, app, view };
}

/** @throws {Error} as the SDK does where the service is out of reach, or has too much to do */
function fail(outage: Outage): void {
  if (outage === "reached") return;
  throw outage === "out"
    ? Object.assign(new Error("down"), { code: "ECONNREFUSED" })
    : Object.assign(new ErrorResponse("busy"), { code: 429, retryAfterInMs: 1500 });
}

const unreachable = failure({ kind: "unavailable", cause: "out" } as const);
