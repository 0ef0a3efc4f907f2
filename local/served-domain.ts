import { access } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Domain } from "../src/define-domain.ts";
import { domain as defaultDomain } from "../src/domain.ts";
import { CommandError } from "./command-line.ts";
import { applicationFolder, dataFolder as defaultDataFolder } from "./paths.ts";

/** A domain, and where its build lies. */
export interface ServedDomain {
  readonly domain: Domain;
  readonly domainFolder: string | undefined;
  readonly folder: string;
}

/**
 * The domain of a folder, or the server's own where none is named.
 *
 * @param domainFolder as the person wrote it
 * @throws {CommandError} where the folder has none that can be loaded
 */
export async function domainToServe(domainFolder: string | undefined): Promise<ServedDomain> {
  if (domainFolder === undefined) {
    return { domain: defaultDomain, domainFolder, folder: applicationFolder };
  }
  const path = resolve(domainFolder, "domain.ts");
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  const domain = exists ? (await load(path)).domain : undefined;
  if (!isDomain(domain)) {
    throw new CommandError(`${domainFolder} has no domain.ts that exports a domain.`);
  }
  return { domain, domainFolder, folder: join(defaultDataFolder, "domains", domain.name) };
}

/** @throws {CommandError} naming the file, which Node does not do for all that is wrong in one */
async function load(path: string): Promise<{ readonly domain?: unknown }> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${relative(process.cwd(), path)} cannot be loaded: ${reason}`);
  }
}

/** Whether a value is what `defineDomain` makes, as far as a slip of the pen goes. */
function isDomain(value: unknown): value is Domain {
  const parts = { name: "string", containers: "object", settings: "object", tools: "function" };
  return (
    typeof value === "object" &&
    value !== null &&
    Object.entries(parts).every(([key, type]) => typeof Reflect.get(value, key) === type)
  );
}
