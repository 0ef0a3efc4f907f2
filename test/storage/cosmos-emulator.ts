import { once } from "node:events";
import { Agent, createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { HttpClient } from "@azure/core-rest-pipeline";
import {
  type Container,
  type ContainerRequest,
  CosmosClient,
  type ItemDefinition,
} from "@azure/cosmos";
import { generate } from "selfsigned";
import { createAccount, createRequestListener } from "../../local/cosmos/request-listener.ts";
import type { ContainerDefinition } from "../../src/storage/user-items.ts";

/** A Cosmos DB that a test can work with. */
export interface CosmosBackEnd {
  /**
   * A container of the test's own, reached through `httpClient`.
   *
   * @param known one that was opened before, to reach it in a further way
   */
  openContainer(httpClient: HttpClient, known?: Container): Promise<Container>;
  /** Stores many items, by a way of its own where there is a faster one. */
  fill(container: Container, items: readonly ItemDefinition[]): Promise<void>;
  close(): Promise<void>;
}

/** A container's definition as the SDK is asked for it, without its name. */
export function requestOf(definition: ContainerDefinition): ContainerRequest {
  return definition as object as ContainerRequest;
}

/**
 * The laptop stack's Cosmos DB emulator in this process, over https as in production. Each container is
 * a new one.
 *
 * @param definition of every container
 */
export async function startCosmosEmulator(definition: ContainerDefinition): Promise<CosmosBackEnd> {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
  });
  const server = createServer({ cert, key }).listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const account = createAccount(port);
  server.on(
    "request",
    createRequestListener(account, { onWrite: () => {}, log: (line) => console.error(line) }),
  );
  account.databases.create({ id: "contoso" });
  const { collections } = account.database("contoso");
  const agent = new Agent({ ca: cert, keepAlive: true });
  const clients: CosmosClient[] = [];
  let containers = 0;

  return {
    async openContainer(httpClient, known) {
      const client = new CosmosClient({
        endpoint: `https://localhost:${port}`,
        aadCredentials: {
          getToken: async () => ({ token: "a.b.c", expiresOnTimestamp: Date.now() + 3_600_000 }),
        },
        agent,
        httpClient,
        // The emulator names its own address by number, which is not in the certificate.
        connectionPolicy: {
          enableEndpointDiscovery: false,
          retryOptions: { maxRetryAttemptCount: 0 },
        },
      });
      clients.push(client);
      if (known) return client.database("contoso").container(known.id);
      containers += 1;
      const id = `container-${containers}`;
      collections.create({ id, ...definition });
      return client.database("contoso").container(id);
    },
    async fill({ id }, items) {
      const { documents } = account.database("contoso").collection(id);
      for (const item of items) documents.create({ ...item, id: String(item.id) });
    },
    async close() {
      for (const client of clients) client.dispose();
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
