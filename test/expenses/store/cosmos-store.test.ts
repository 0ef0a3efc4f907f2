/**
 * The store's contract against the emulator, and against any other Cosmos DB that the environment
 * names: Microsoft's own emulator or an account. Without TEST_COSMOS_ENDPOINT only the first runs.
 *
 *   TEST_COSMOS_ENDPOINT   https://….documents.azure.com, or https://localhost:8081
 *   TEST_COSMOS_KEY        left out, Entra credentials as DefaultAzureCredential finds them
 *   TEST_COSMOS_DATABASE   default expenses-test
 *   TEST_COSMOS_CONTAINER  default expenses-test; used for tests alone, by one run at a time
 *
 * With a key, a missing database and container are created; with Entra credentials both must exist,
 * as src/expenses/domain.ts defines the container.
 */
import { domain } from "../../../src/expenses/domain.ts";
import { startCosmosEmulator } from "../../storage/cosmos-emulator.ts";
import { cosmosAccount, cosmosAccountFrom } from "./cosmos-account.ts";
import { describeStoreContract } from "./store-contract.ts";

const { expenses } = domain.containers;

describeStoreContract("emulator", () => startCosmosEmulator(expenses));

const account = cosmosAccountFrom(process.env);
if (account) describeStoreContract(account.endpoint, async () => cosmosAccount(account, expenses));
