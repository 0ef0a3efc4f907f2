import type { z } from "zod";
import { type Result, success } from "./core/result.ts";
import type { ApiClient, ApiDescription } from "./downstream/api-client.ts";
import { gatewayContainer } from "./gateway/store/container.ts";
import type { KeyRing } from "./keys/key-ring.ts";
import type { DefinedPrompt, DefinedResource } from "./mcp/offer.ts";
import type { DefinedTool } from "./mcp/tool.ts";
import type { StoreFailure } from "./storage/failure.ts";
import type { BlobArea, UserBlobs } from "./storage/user-blobs.ts";
import type { ContainerDefinition, OpenContainer } from "./storage/user-items.ts";
import type { Upkeep } from "./upkeep.ts";

/**
 * What a server is about: everything that differs between one company's MCP server and another's.
 * All else (gates, protocol, sign-in, on-behalf-of, infrastructure, laptop stack) is the same for each,
 * and knows of a domain what stands here.
 */
export interface Domain<
  Settings extends z.ZodObject = z.ZodObject,
  ContainerName extends string = string,
> {
  /** Names server, database and registration: lower case letters, digits and hyphens. */
  readonly name: string;
  /** What people call it. */
  readonly title: string;
  /**
   * For the model: what the server is for and how its tools work together. The server adds the day.
   * Where they depend on the settings, a function of these.
   */
  readonly instructions: string | Instructions<z.output<Settings>>;
  /** What the scope allows, as people read it when they consent: `Read and add your expenses as you`. */
  readonly scopeDescription: string;
  /**
   * The domain's own settings, environment variables by name, read and reported together with the
   * server's. Each has a description, for the settings table, and none is a secret.
   */
  readonly settings: Settings;
  /** The Cosmos DB containers by name, which the templates and the laptop stack make. None is `gateway`. */
  readonly containers: Readonly<Record<ContainerName, ContainerDefinition>>;
  /** The areas of Blob Storage that people's files lie in, by name. No container is made where absent. */
  readonly blobs?: Readonly<Record<string, BlobArea>>;
  /** The tools, made once per process. */
  tools(parts: DomainParts<z.output<Settings>, ContainerName>): readonly DefinedTool[];
  /** What clients can read beside what tools answer, made once per process. */
  resources?(parts: DomainParts<z.output<Settings>, ContainerName>): readonly DefinedResource[];
  /** What people can choose in their client to have a model begin with, made once per process. */
  prompts?(parts: DomainParts<z.output<Settings>, ContainerName>): readonly DefinedPrompt[];
  /** What is to be done every quarter of an hour without anybody asking for it. */
  upkeep?(parts: DomainParts<z.output<Settings>, ContainerName>): Upkeep;
}

/** A method's type, so that a domain with settings of its own is a domain still. */
type Instructions<Settings> = { of(settings: Settings): string }["of"];

/** What the domain says to a model, as it is set up. */
export function instructionsOf<Schema extends z.ZodObject>(
  { instructions }: Pick<Domain<Schema>, "instructions">,
  settings: z.output<Schema>,
): string {
  return typeof instructions === "string" ? instructions : instructions(settings);
}

/** What a domain is given to make its tools of. */
export interface DomainParts<Settings, ContainerName extends string> {
  readonly settings: Settings;
  readonly containers: Readonly<Record<ContainerName, OpenContainer>>;
  /** People's files, in the areas that {@link Domain.blobs} names. */
  readonly blobs: UserBlobs;
  /** Microsoft Graph, on the caller's behalf. */
  readonly directory: ApiClient;
  /** A client of a further API, on the caller's behalf. */
  api(description: ApiDescription): ApiClient;
  /** Clients that people have connected through the gateway. */
  readonly connections: Connections;
  /** Makes handles: what is handed to a client and must be recognised when it comes back. */
  readonly keyRing: KeyRing;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * The connections of a person: each lets a client act for them through the gateway, until it ends. A
 * domain that deletes all that it has of a person ends them too.
 */
export interface Connections {
  /** How many the person has. */
  count(objectId: string, signal?: AbortSignal): Promise<Result<number, StoreFailure>>;
  /**
   * Ends all that the person has, and tells how many there were: each client has to have them sign in
   * again. To do it twice does no harm.
   *
   * @param correlationId names what they end with, in the audit log
   */
  endAll(
    objectId: string,
    correlationId: string,
    signal?: AbortSignal,
  ): Promise<Result<number, StoreFailure>>;
}

/** Where the gateway is off: nobody has any. */
export const noConnections: Connections = {
  count: async () => success(0),
  endAll: async () => success(0),
};

/**
 * Defines a domain, with the types of its settings and containers carried into its tools.
 *
 * @example
 * export const domain = defineDomain({
 *   name: "vacations",
 *   title: "Vacations",
 *   instructions: "Requests and lists vacations of the signed-in person.",
 *   scopeDescription: "Request and read your vacations as you",
 *   settings: z.object({}),
 *   containers: { vacations: userContainer(["status"]) },
 *   tools: ({ containers, now }) => [requestVacation(new VacationStore(containers.vacations), now)],
 * });
 *
 * @throws {Error} where a container has the name of the gateway's, which lies beside the domain's
 */
export function defineDomain<Settings extends z.ZodObject, ContainerName extends string>(
  domain: Domain<Settings, ContainerName>,
): Domain<Settings, ContainerName> {
  const { name } = gatewayContainer;
  if (name in domain.containers) {
    throw new Error(
      `No container of a domain can have the name "${name}", which the gateway's own has.`,
    );
  }
  return domain;
}
