import { once } from "node:events";
import { Agent } from "node:https";
import type { AddressInfo } from "node:net";
import { CosmosClient } from "@azure/cosmos";
import { createHttpsServer } from "@vercel/cosmosdb-server";
import { generate } from "selfsigned";
import { type CosmosBackEnd, expenseContainer } from "./back-end.ts";

/** A Cosmos DB emulator in this process, over https as in production. Each container is a new one. */
export async function startCosmosEmulator(): Promise<CosmosBackEnd> {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
  });
  const server = createHttpsServer({ cert, key }).listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ ca: cert, keepAlive: true });
  const clients: CosmosClient[] = [];
  let containers = 0;

  return {
    async openContainer(httpClient) {
      const client = new CosmosClient({
        endpoint: `https://localhost:${port}`,
        key: "bm90LWNoZWNrZWQ=",
        agent,
        httpClient,
        // The emulator names its own address by number, which is not in the certificate.
        connectionPolicy: {
          enableEndpointDiscovery: false,
          retryOptions: { maxRetryAttemptCount: 0 },
        },
      });
      clients.push(client);
      const { database } = await client.databases.createIfNotExists({ id: "expenses" });
      containers += 1;
      const id = `expenses-${containers}`;
      const { container } = await database.containers.create({ id, ...expenseContainer });
      return container;
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
