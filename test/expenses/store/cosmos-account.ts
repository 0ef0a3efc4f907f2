import { CosmosClient } from "@azure/cosmos";
import { DefaultAzureCredential } from "@azure/identity";
import type { ContainerDefinition } from "../../../src/storage/user-items.ts";
import { type CosmosBackEnd, requestOf } from "../../storage/cosmos-emulator.ts";

export interface CosmosAccount {
  readonly endpoint: string;
  readonly database: string;
  readonly container: string;
  /** Without it, the developer's own sign-in (`az login`). */
  readonly key: string | undefined;
}

/** The account that the environment names for tests, if any. */
export function cosmosAccountFrom(
  environment: Readonly<Record<string, string | undefined>>,
): CosmosAccount | undefined {
  const { TEST_COSMOS_ENDPOINT, TEST_COSMOS_KEY } = environment;
  if (!TEST_COSMOS_ENDPOINT) return undefined;
  return {
    endpoint: TEST_COSMOS_ENDPOINT,
    database: environment.TEST_COSMOS_DATABASE ?? "expenses-test",
    container: environment.TEST_COSMOS_CONTAINER ?? "expenses-test",
    key: TEST_COSMOS_KEY,
  };
}

/** With a key, makes what is missing; an identity's data-plane role cannot, so all must exist. */
export function cosmosAccount(
  account: CosmosAccount,
  definition: ContainerDefinition,
): CosmosBackEnd {
  const { endpoint, database, container, key } = account;
  const clients: CosmosClient[] = [];
  return {
    async openContainer(httpClient) {
      const client = new CosmosClient({
        endpoint,
        httpClient,
        ...(key ? { key } : { aadCredentials: new DefaultAzureCredential() }),
      });
      clients.push(client);
      if (key) {
        await client.databases.createIfNotExists({ id: database });
        await client
          .database(database)
          .containers.createIfNotExists({ id: container, ...requestOf(definition) });
      }
      return client.database(database).container(container);
    },
    async fill({ items: stored }, items) {
      const left = [...items];
      const store = async () => {
        for (let item = left.pop(); item; item = left.pop()) await stored.upsert(item);
      };
      await Promise.all(Array.from({ length: 10 }, store));
    },
    async close() {
      for (const client of clients) client.dispose();
    },
  };
}
