import type { ContainerDefinition } from "../../storage/user-items.ts";

/**
 * The container that the gateway keeps its records in, beside the domain's. Each record says itself when
 * the database may delete it. Indexed is what lists and counts filter on: every further path would make
 * each write dearer.
 *
 * @see https://learn.microsoft.com/azure/cosmos-db/time-to-live
 */
export const gatewayContainer: { readonly name: string; readonly definition: ContainerDefinition } =
  {
    name: "gateway",
    definition: {
      partitionKey: { paths: ["/partition"], kind: "Hash", version: 2 },
      indexingPolicy: {
        indexingMode: "consistent",
        automatic: true,
        includedPaths: [{ path: "/partition/?" }, { path: "/kind/?" }, { path: "/expiresAt/?" }],
        excludedPaths: [{ path: "/*" }],
      },
      defaultTtl: -1,
    },
  };
