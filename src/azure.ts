import { randomBytes } from "node:crypto";
import type { TokenCredential } from "@azure/core-auth";
import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import type { z } from "zod";
import { type Adapters, type App, compose } from "./app.ts";
import { type Config, ConfigurationError, readSettings } from "./config.ts";
import { once } from "./core/cache.ts";
import type { Endpoint } from "./core/endpoint.ts";
import { consoleLog, thrown } from "./core/log.ts";
import type { Domain } from "./define-domain.ts";
import { publicEndpoint } from "./gates/public-endpoint.ts";
import { unconfiguredAnswer } from "./gates/rejection.ts";
import { wholeResponse } from "./gates/way-out.ts";
import { healthAnswer } from "./health.ts";
import type { KeyStorage } from "./keys/key-storage.ts";

/**
 * Starts the application as it is deployed. Never throws: one trigger that failed to load would leave
 * the platform without any, and saying nothing. Where settings are wrong, the log says which, and
 * every endpoint but `/health` answers 503.
 *
 * @param others in place of production's
 */
export function startApp<Schema extends z.ZodObject, ContainerName extends string>(
  environment: Readonly<Record<string, string | undefined>>,
  domain: Domain<Schema, ContainerName>,
  others: Partial<Adapters> = {},
): App {
  try {
    const settings = readSettings(environment, domain.settings);
    const adapters = { ...azureAdapters(settings.config, domain.name), ...others };
    return compose(settings, adapters, domain);
  } catch (error) {
    if (error instanceof ConfigurationError) console.error(error.message);
    else consoleLog("error", "app.not-started", { cause: thrown(error) });
    const unavailable: Endpoint = async () => wholeResponse(unconfiguredAnswer);
    return {
      mcp: unavailable,
      protectedResourceMetadata: unavailable,
      health: publicEndpoint(async () => wholeResponse(healthAnswer)),
      readiness: unavailable,
      gateway: undefined,
      upkeep: async () => {},
      shutDown: () => {},
    };
  }
}

/**
 * What production reaches: the managed identity, Cosmos DB, Blob Storage, clock and random. What a
 * first call may not need is loaded when it is first used, which makes a cold start shorter.
 *
 * @param databaseName unless the settings name one
 */
function azureAdapters(config: Config, databaseName: string): Adapters {
  const credential = lazyCredential(config);
  const database = once(async () => {
    const { openDatabase } = await import("./azure-cosmos.ts");
    const { endpoint, database: name = databaseName } = config.cosmos;
    return openDatabase(endpoint, credential, name);
  });
  const storage = once(async () => {
    const { openStorage } = await import("./azure-storage.ts");
    return openStorage(config.storageBlobEndpoint, credential);
  });
  return {
    now: Date.now,
    monotonicNow: () => performance.now(),
    randomBytes,
    log: consoleLog,
    fetch,
    httpClient: createDefaultHttpClient(),
    managedIdentity: credential,
    openContainer: async (name) => (await database()).container(name),
    keyStorage: lazyKeyStorage(async () => (await storage()).keyStorage),
    gatewayKeyStorage: lazyKeyStorage(async () => (await storage()).gatewayKeyStorage),
    approvalLedger: {
      consume: async (...approval) => (await storage()).approvalLedger.consume(...approval),
      sweep: async (...call) => (await storage()).approvalLedger.sweep(...call),
    },
    reachStorage: async (signal) => (await storage()).reachStorage(signal),
    userBlobs: {
      put: async (...call) => (await storage()).userBlobs.put(...call),
      get: async (...call) => (await storage()).userBlobs.get(...call),
      delete: async (...call) => (await storage()).userBlobs.delete(...call),
      list: async (...call) => (await storage()).userBlobs.list(...call),
      page: async (...call) => (await storage()).userBlobs.page(...call),
      copy: async (...call) => (await storage()).userBlobs.copy(...call),
    },
    reachUserBlobs: async (signal) => (await storage()).reachUserBlobs(signal),
  };
}

function lazyKeyStorage(load: () => Promise<KeyStorage>): KeyStorage {
  return {
    read: async () => (await load()).read(),
    create: async (text) => (await load()).create(text),
    replace: async (text, etag) => (await load()).replace(text, etag),
  };
}

function lazyCredential(config: Config): TokenCredential {
  const credential = once(async () => {
    const { azureCredential } = await import("./azure-credential.ts");
    return azureCredential(config);
  });
  return { getToken: async (...request) => (await credential()).getToken(...request) };
}
