import type { TokenCredential } from "@azure/core-auth";
import {
  AzureCliCredential,
  AzureDeveloperCliCredential,
  ChainedTokenCredential,
  ManagedIdentityCredential,
} from "@azure/identity";
import type { Config } from "./config.ts";

/**
 * What Cosmos DB and Storage are reached with: the managed identity where one is configured, or
 * else, in development, whoever is signed in to `az` or `azd` on the machine.
 */
export function azureCredential({
  managedIdentityClientId,
}: Pick<Config, "managedIdentityClientId">): TokenCredential {
  return managedIdentityClientId === undefined
    ? new ChainedTokenCredential(new AzureCliCredential(), new AzureDeveloperCliCredential())
    : new ManagedIdentityCredential({ clientId: managedIdentityClientId });
}
