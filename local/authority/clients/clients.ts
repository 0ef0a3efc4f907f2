import { randomUUID } from "node:crypto";
import type { RegisteredClient, StateStore } from "../state.ts";
import type { ConfidentialClient, PublicClient, Tenant } from "../tenant.ts";

/** An application that may ask the authority for tokens. */
export type Client =
  | ({
      readonly kind: "public";
      /** Of an agent identity: the URL of its document, which is its `client_id` in requests. */
      readonly documentUrl?: string | undefined;
    } & PublicClient)
  | ({ readonly kind: "confidential" } & ConfidentialClient)
  | ({ readonly kind: "api" } & PublicClient);

/** Of those somebody signed in with, and of the others: more than a machine keeps in use. */
const mostRegistrations = 200;

/** The clients that the tenant knows and those that registered themselves. */
export class Clients {
  readonly #tenant: Tenant;
  readonly #store: StateStore;
  readonly #now: () => number;
  /** In the order of last use, so that the first is the one to forget. */
  readonly #registered: Map<string, RegisteredClient>;

  constructor(tenant: Tenant, store: StateStore, now: () => number) {
    this.#tenant = tenant;
    this.#store = store;
    this.#now = now;
    this.#registered = new Map(store.state.clients.map((client) => [client.clientId, client]));
  }

  find(clientId: string): Client | undefined {
    const { api, gateway, publicClients } = this.#tenant;
    if (clientId === api.clientId) {
      return { kind: "api", clientId, name: api.displayName, redirectUris: api.redirectUris ?? [] };
    }
    if (clientId === gateway.clientId) return { kind: "confidential", ...gateway };
    const known = publicClients.find((client) => client.clientId === clientId);
    if (known) return { kind: "public", ...known };
    const registered = this.#registered.get(clientId);
    if (!registered) return undefined;
    this.#registered.delete(clientId);
    this.#registered.set(clientId, registered);
    return { kind: "public", ...registered };
  }

  async register(name: string, redirectUris: readonly string[]): Promise<RegisteredClient> {
    const client: RegisteredClient = {
      clientId: randomUUID(),
      name,
      redirectUris,
      issuedAt: Math.floor(this.#now() / 1000),
      hasSignedIn: false,
    };
    await this.#keep(client);
    return client;
  }

  /** Somebody signs in with it. */
  async confirm(clientId: string): Promise<void> {
    const registered = this.#registered.get(clientId);
    if (registered && !registered.hasSignedIn)
      await this.#keep({ ...registered, hasSignedIn: true });
  }

  /**
   * Where there are too many of its kind, the one used least recently makes room. Any web page can
   * register clients, so one that somebody signed in with never makes room for one that nobody did.
   */
  async #keep(client: RegisteredClient): Promise<void> {
    this.#registered.delete(client.clientId);
    this.#registered.set(client.clientId, client);
    const alike = [...this.#registered.values()].filter(
      ({ hasSignedIn }) => hasSignedIn === client.hasSignedIn,
    );
    for (const { clientId } of alike.slice(0, -mostRegistrations)) {
      this.#registered.delete(clientId);
    }
    await this.#store.save({ clients: [...this.#registered.values()] });
  }
}
