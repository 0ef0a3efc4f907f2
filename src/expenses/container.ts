import type { ContainerRequest, PartitionKeyDefinition } from "@azure/cosmos";
import definition from "./container.json" with { type: "json" };

/**
 * The one definition of the container that holds the expenses, without its name: who makes it gives
 * it that. It is JSON so that Bicep can load the same file.
 *
 * Indexed is what the queries filter on, order by or add up, and nothing else: every further path
 * makes each write dearer. The partition key is not indexed by itself. Items never expire.
 * Source: https://learn.microsoft.com/azure/cosmos-db/index-policy
 */
export const expenseContainer = definition as ContainerRequest & {
  readonly partitionKey: PartitionKeyDefinition;
};
