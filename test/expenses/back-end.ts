import type { HttpClient } from "@azure/core-rest-pipeline";
import type { Container, ContainerRequest } from "@azure/cosmos";
import { domain } from "../../src/expenses/domain.ts";

/** A Cosmos DB that a test can work with. */
export interface CosmosBackEnd {
  /** A container as the domain defines it, reached through `httpClient`. */
  openContainer(httpClient: HttpClient): Promise<Container>;
  close(): Promise<void>;
}

/** The container as the SDK is asked for it, without its name. */
export const expenseContainer = domain.containers.expenses as object as ContainerRequest;
