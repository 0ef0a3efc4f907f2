import type { TokenCredential } from "@azure/core-auth";
import { CosmosClient, type Database } from "@azure/cosmos";

/** The database in Cosmos DB, reached by identity: keys are switched off in Azure. */
export function openDatabase(
  endpoint: string,
  credential: TokenCredential,
  name: string,
): Database {
  return new CosmosClient({ endpoint, aadCredentials: credential }).database(name);
}
