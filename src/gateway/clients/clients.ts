import { createCoalescingCache } from "../../core/cache.ts";
import { createClientDocuments } from "../../core/client-documents/documents.ts";
import type { DocumentNetwork } from "../../core/client-documents/network.ts";
import type { DocumentProblem } from "../../core/client-documents/problem.ts";
import { readDocumentUrl } from "../../core/client-documents/url.ts";
import { isGuid } from "../../core/encoding.ts";
import { type Log, thrown } from "../../core/log.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { GatewaySettings } from "../settings.ts";
import type { GatewayStore } from "../store/records.ts";
import { type ClientKind, kindOfClientId } from "./client-ids.ts";
import { redirectUriJudge } from "./redirect-uri.ts";
import { RegisteredClients } from "./registered-clients.ts";

/** A client application of the gateway. All are public clients: none has a secret. */
export interface GatewayClient {
  /** `client_id`, to the letter. */
  readonly id: string;
  readonly kind: ClientKind;
  /** For people, who have nothing but the client's word for it unless it is pre-registered. Not escaped. */
  readonly name: string;
  /** The host of the client's document; absent where nobody vouches for the name. */
  readonly domain: string | undefined;
  /** At least one. */
  readonly redirectUris: readonly string[];
}

export type ClientProblem =
  | { readonly kind: "unknown-client" }
  /** Not among `ALLOWED_CLIENT_IDS`, or its document's domain is not allowed. */
  | { readonly kind: "client-not-allowed" }
  | { readonly kind: "client-document"; readonly problem: DocumentProblem }
  | { readonly kind: "store"; readonly reason: StoreFailure };

export interface GatewayClients {
  /** The client with this `client_id`: pre-registered, registered, or described by a document. */
  find(clientId: string, signal?: AbortSignal): Promise<Result<GatewayClient, ClientProblem>>;
  /** Somebody has signed in with the client, or refreshed: it is in use, and known. Never fails. */
  inUse(clientId: string, signal?: AbortSignal): Promise<void>;
  /**
   * Whether the settings let it in now, by its id alone: `ALLOWED_CLIENT_IDS`, the domain of its document,
   * and that they still name it. Asks nobody, so that it can be asked for each token.
   */
  isAllowed(clientId: string): boolean;
  /**
   * Whether it has the id of a client that registers itself, and is not registered, or no longer. False
   * where that cannot be known now.
   */
  isForgotten(clientId: string, signal?: AbortSignal): Promise<boolean>;
}

export interface GatewayClientsOptions {
  readonly settings: Pick<
    GatewaySettings,
    "clients" | "clientDomains" | "privateSchemes" | "allowedClientIds" | "idleMilliseconds"
  >;
  readonly store: GatewayStore;
  /** How documents are reached: public addresses alone unless given, which tests alone do. */
  readonly network?: DocumentNetwork | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  readonly log: Log;
}

type Found = Result<GatewayClient, ClientProblem>;

/** Clients whose use this instance remembers: more than are in use at a time. */
const mostRemembered = 1_000;
/** Milliseconds until a use is written down again, and until it is tried again where that failed. */
const heldUse = { written: 24 * 60 * 60 * 1000, failed: 60 * 1000 };

/** The clients of the gateway, of all kinds. Which kind one is of, its id's form alone says. */
export function createClients(options: GatewayClientsOptions): GatewayClients {
  const { settings, store, network, now, monotonicNow, log } = options;
  const redirectUriProblem = redirectUriJudge(settings.privateSchemes);
  const documents = createClientDocuments({ redirectUriProblem, network, now: monotonicNow });
  const registered = new RegisteredClients({
    store,
    now,
    idleMilliseconds: settings.idleMilliseconds,
  });
  const preRegistered = new Map(settings.clients.map((client) => [client.id, client]));
  const allowed = new Set(settings.allowedClientIds.map(comparable));
  const known = new KnownClients();
  const uses = createCoalescingCache<void>({
    maximumEntries: mostRemembered,
    now: monotonicNow,
  });

  const isListed = (clientId: string) => allowed.size === 0 || allowed.has(comparable(clientId));

  /** What was registered once is judged by what the settings allow now. */
  function clientOf(client: GatewayClient): Found {
    const redirectUris = client.redirectUris.filter((uri) => redirectUriProblem(uri) === undefined);
    return redirectUris.length > 0 ? success({ ...client, redirectUris }) : unknownClient;
  }

  async function findDocument(id: string): Promise<Found> {
    // Before anything is fetched from there.
    if (!isOnDomain(id, settings.clientDomains)) return notAllowed;
    const loaded = await documents.load(id, known.has(id));
    if (!loaded.ok) return failure({ kind: "client-document", problem: loaded.reason });
    const { name, redirectUris } = loaded.value;
    return success({ id, kind: "document", name, domain: new URL(id).host, redirectUris });
  }

  async function findRegistered(id: string, signal?: AbortSignal): Promise<Found> {
    const found = await registered.find(id, signal);
    if (!found.ok) return failure({ kind: "store", reason: found.reason });
    if (!found.value) return unknownClient;
    const { name, redirectUris } = found.value;
    return clientOf({ id, kind: "registered", name, domain: undefined, redirectUris });
  }

  function findPreRegistered(id: string): Found {
    const found = preRegistered.get(id);
    if (!found) return unknownClient;
    const { redirectUris } = found;
    return clientOf({ id, kind: "pre-registered", name: id, domain: undefined, redirectUris });
  }

  /** @returns for how long that need not be done again, in milliseconds */
  async function extend(id: string, signal?: AbortSignal): Promise<number> {
    const extended = await registered.extend(id, signal);
    if (extended.ok) return heldUse.written;
    log("warn", "gateway.client.not-extended", { reason: extended.reason.kind });
    return heldUse.failed;
  }

  return {
    isAllowed(clientId) {
      if (!isListed(clientId)) return false;
      if (!isOnDomain(clientId, settings.clientDomains)) return false;
      return kindOfClientId(clientId) !== "pre-registered" || preRegistered.has(clientId);
    },
    async isForgotten(clientId, signal) {
      if (kindOfClientId(clientId) !== "registered") return false;
      const found = await registered.find(clientId, signal);
      return found.ok && found.value === undefined;
    },
    async find(clientId, signal) {
      if (!isListed(clientId)) return notAllowed;
      switch (kindOfClientId(clientId)) {
        case "document":
          return findDocument(clientId);
        case "registered":
          return findRegistered(clientId, signal);
        case "pre-registered":
          return findPreRegistered(clientId);
      }
    },
    async inUse(clientId, signal) {
      known.add(clientId);
      if (kindOfClientId(clientId) !== "registered") return;
      try {
        await uses.get(clientId, async () => ({
          value: undefined,
          usableFor: await extend(clientId, signal),
        }));
      } catch (error) {
        log("warn", "gateway.client.not-extended", { cause: thrown(error) });
      }
    },
  };
}

const unknownClient: Found = failure({ kind: "unknown-client" });
const notAllowed: Found = failure({ kind: "client-not-allowed" });

/** Entra writes GUIDs in small letters, people as they like. Every other id is compared to the letter. */
function comparable(clientId: string): string {
  return isGuid(clientId) ? clientId.toLowerCase() : clientId;
}

/**
 * Whether a document may be where the id says. An id that is no document's URL is for others to judge.
 *
 * @param domains lower case, `.example.com` for all below; all where empty
 */
function isOnDomain(clientId: string, domains: readonly string[]): boolean {
  const url = readDocumentUrl(clientId);
  if (!url.ok || domains.length === 0) return true;
  const { hostname } = url.value;
  return domains.some((domain) =>
    domain.startsWith(".") ? hostname.endsWith(domain) : hostname === domain,
  );
}

/**
 * Clients that somebody has signed in with, as far as this instance remembers: their documents are fetched
 * however many others are asked for. Only who can sign in adds one; the one used least recently goes first.
 */
class KnownClients {
  readonly #ids = new Set<string>();

  add(id: string): void {
    this.#ids.delete(id);
    this.#ids.add(id);
    const [first] = this.#ids;
    if (this.#ids.size > mostRemembered && first !== undefined) this.#ids.delete(first);
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }
}
