import { randomBytes } from "node:crypto";
import { ErrorResponse } from "@azure/cosmos";
import type { Log, LogFields } from "../../../src/core/log.ts";
import { createClients, type GatewayClientsOptions } from "../../../src/gateway/clients/clients.ts";
import {
  createRegistration,
  type RegistrationOptions,
} from "../../../src/gateway/clients/registration.ts";
import type { GatewayRequest } from "../../../src/gateway/http/handler.ts";
import { createGatewayStore } from "../../../src/gateway/store/cosmos-records.ts";
import type { GatewayStore } from "../../../src/gateway/store/records.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { MemoryContainer } from "../memory-container.ts";

export const day = 24 * 60 * 60 * 1000;

/** What the database answers in place of success, as the SDK throws it. */
export function answering(code: number): () => never {
  return () => {
    throw Object.assign(new ErrorResponse("Something of the service's own."), { code });
  };
}

/** The clients of a gateway and what they stand on, with nothing set. */
export function gatewayClients({
  settings = {},
  most,
  network,
  clock = new FakeClock(),
  memory = new MemoryContainer(),
  before = () => {},
  staleReads = 0,
}: {
  readonly settings?: Partial<GatewayClientsOptions["settings"]>;
  readonly most?: number;
  readonly network?: GatewayClientsOptions["network"];
  readonly clock?: FakeClock;
  readonly memory?: MemoryContainer;
  /** Throws what the database answers. */
  readonly before?: (operation: string) => void;
  readonly staleReads?: number;
} = {}) {
  /** What the database is asked to do, in turn. */
  const calls: string[] = [];
  const { container } = memory.view({
    staleReads,
    before: ({ operation }) => {
      calls.push(operation);
      before(operation);
    },
  });
  const store: GatewayStore = createGatewayStore({
    open: async () => container,
    now: clock.now,
    pause: async () => {},
  });
  const lines: { readonly event: string; readonly fields: LogFields | undefined }[] = [];
  const log: Log = (_level, event, fields) => {
    lines.push({ event, fields });
  };
  const common = { store, now: clock.now, monotonicNow: clock.now };
  const all = {
    clients: [],
    clientDomains: [],
    privateSchemes: [],
    allowedClientIds: [],
    idleMilliseconds: 14 * day,
    ...settings,
  };
  const registration: RegistrationOptions = { ...common, settings: all, randomBytes };
  const answer = createRegistration(most === undefined ? registration : { ...registration, most });
  /** What the endpoint answers to this body. */
  const register = async (json: unknown) => {
    const { status, headers, body } = await answer(postOf(json, log));
    return { status, headers, body: JSON.parse(String(body)) as Record<string, unknown> };
  };
  return {
    clients: createClients({ ...common, settings: all, network, log }),
    clock,
    memory,
    calls,
    lines,
    register,
    /** The id of a client that has registered itself. */
    async registered(redirectUris: readonly string[] = ["http://localhost/callback"]) {
      const { body } = await register({ redirect_uris: redirectUris });
      return String(body.client_id);
    },
  };
}

function postOf(json: unknown, log: Log): GatewayRequest {
  return {
    method: "POST",
    query: { ok: true, value: new Map() },
    json,
    cookies: new Map(),
    hasAuthorization: false,
    invocation: { id: "invocation-1", log },
    signal: new AbortController().signal,
  };
}
