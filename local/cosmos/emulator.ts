import { createServer } from "node:https";
import { listenOnLoopback } from "../loopback.ts";
import {
  type Account,
  createAccount,
  createRequestListener,
  type Documents,
} from "./request-listener.ts";
import {
  readStoredItems,
  type StoredItem,
  type StoredItems,
  StoredItemsError,
  writeStoredItems,
} from "./stored-items.ts";
import { createWriteBehind } from "./write-behind.ts";

/** A container as it is defined in Azure: the part of the definition that the emulator honours. */
export interface ContainerDefinition {
  readonly id: string;
  readonly partitionKey: { readonly paths: readonly string[] };
  readonly indexingPolicy?: object;
  readonly uniqueKeyPolicy?: object;
}

export interface DatabaseDefinition {
  readonly id: string;
  readonly containers: readonly ContainerDefinition[];
}

export interface CosmosOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly certificate: { readonly cert: string; readonly key: string };
  /** Where items are kept from one start to the next; in memory alone where absent. */
  readonly dataFile?: string;
  /** What exists from the start; as in Azure, nothing can be added through the data plane. */
  readonly database: DatabaseDefinition;
  readonly log?: (line: string) => void;
}

export interface Cosmos {
  readonly endpoint: string;
  /**
   * Ends the emulator and writes out what is not yet written. May be called more than once.
   *
   * @throws {Error} naming the data file, when it cannot be written
   */
  close(): Promise<void>;
}

const part = "Cosmos DB emulator";

/** Milliseconds of changes that a crash may lose. */
const writeDelay = 100;

/**
 * Starts the Cosmos DB emulator in this process.
 *
 * @throws {Error} naming the part and the port or the data file, when either cannot be used
 */
export async function startCosmos({
  port,
  certificate: { cert, key },
  dataFile,
  database,
  log = () => {},
}: CosmosOptions): Promise<Cosmos> {
  const stored = dataFile === undefined ? {} : await readStoredItems(dataFile);
  const server = createServer({ cert, key });
  const listening = await listenOnLoopback(server, { part, port });

  const account = createAccount(listening.port);
  const containers = createContainers(account, database);
  try {
    for (const { id, documents } of containers) {
      for (const item of stored[database.id]?.[id] ?? []) documents.create(item);
    }
  } catch (cause) {
    await listening.close();
    const problem = `it has an item that its container refuses: ${cause}`;
    throw new StoredItemsError(String(dataFile), problem, cause);
  }

  /** With what belongs to a database or container that is not defined any more. */
  function itemsToStore(): StoredItems {
    const current = containers.map(({ id, documents }) => {
      return [id, documents.read().result.map(withoutSystemProperties)] as const;
    });
    return {
      ...stored,
      [database.id]: { ...stored[database.id], ...Object.fromEntries(current) },
    };
  }

  const writeBehind = createWriteBehind({
    async write() {
      if (dataFile !== undefined) await writeStoredItems(dataFile, itemsToStore());
    },
    delay: writeDelay,
    onFailure: (error) => log(`${part}: ${dataFile} cannot be written: ${error}`),
  });
  server.on("request", createRequestListener(account, { onWrite: writeBehind.changed, log }));

  async function end(): Promise<void> {
    await listening.close();
    try {
      await writeBehind.flush();
    } catch (cause) {
      throw new Error(
        `${part}: ${dataFile} cannot be written, and the latest changes are lost: ${cause}`,
        { cause },
      );
    }
  }
  let ended: Promise<void> | undefined;
  return {
    endpoint: `https://localhost:${listening.port}`,
    close() {
      ended ??= end();
      return ended;
    },
  };
}

function createContainers(
  account: Account,
  { id, containers }: DatabaseDefinition,
): { id: string; documents: Documents }[] {
  account.databases.create({ id });
  const database = account.database(id);
  return containers.map((container) => {
    database.collections.create({ ...container });
    return { id: container.id, documents: database.collection(container.id).documents };
  });
}

function withoutSystemProperties(document: StoredItem): StoredItem {
  const { _rid, _self, _etag, _ts, ...item } = document;
  return item;
}
