import type { HttpClient } from "@azure/core-rest-pipeline";
import type { Container } from "@azure/cosmos";

/** A Cosmos DB that a test can work with. */
export interface CosmosBackEnd {
  /** A container as `container.ts` defines it, reached through `httpClient`. */
  openContainer(httpClient: HttpClient): Promise<Container>;
  close(): Promise<void>;
}
