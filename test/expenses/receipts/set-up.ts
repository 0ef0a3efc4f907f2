import { randomUUID } from "node:crypto";
import { createDefaultHttpClient, type HttpClient } from "@azure/core-rest-pipeline";
import { createExpenses } from "../../../src/expenses/domain.ts";
import type { Expense } from "../../../src/expenses/expense.ts";
import { CosmosExpenseStore } from "../../../src/expenses/store/cosmos-store.ts";
import { AzureUserBlobs } from "../../../src/storage/azure-user-blobs.ts";
import { userDataContainer } from "../../../src/storage/user-blobs.ts";
import { startAzurite } from "../../keys/azurite.ts";
import { startCosmosEmulator } from "../../storage/cosmos-emulator.ts";
import { value } from "../../support/value.ts";

/** Azurite and the Cosmos DB emulator, as the expenses have them. */
export async function startBackEnds() {
  const [azurite, cosmos] = await Promise.all([
    startAzurite(),
    startCosmosEmulator(createExpenses().containers.expenses),
  ]);
  const userData = azurite.blobs.getContainerClient(userDataContainer);
  await userData.create();
  return {
    blobs: new AzureUserBlobs(userData),
    openContainer: (httpClient: HttpClient = createDefaultHttpClient()) =>
      cosmos.openContainer(httpClient),
    async close() {
      await Promise.all([azurite.close(), cosmos.close()]);
    },
  };
}

export type BackEnds = Awaited<ReturnType<typeof startBackEnds>>;

/** A store over a container of its own, with an expense of a new person in it. */
export async function storeWithExpense(backEnds: BackEnds, httpClient?: HttpClient) {
  const container = await backEnds.openContainer(httpClient);
  const store = new CosmosExpenseStore(async () => container);
  const userId = randomUUID();
  const expense = await addLunch(store, userId);
  return { store, userId, expense };
}

export async function addLunch(
  store: Pick<CosmosExpenseStore, "add">,
  userId: string,
): Promise<Expense> {
  const lunch = {
    date: "2026-11-20",
    minorUnits: 1250,
    decimals: 2,
    currency: "USD",
    category: "food",
    description: "Lunch",
    paymentMethod: "visa",
    isRefund: false,
  };
  const now = Date.parse("2026-11-21T12:00:00Z");
  return value(await store.add(userId, lunch, { now })).expense;
}
