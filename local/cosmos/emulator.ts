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
  readonly databases: readonly DatabaseDefinition[];
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
  databases,
  log = () => {},
}: CosmosOptions): Promise<Cosmos> {
  const stored = dataFile === undefined ? {} : await readStoredItems(dataFile);
  const server = createServer({ cert, key });
  const listening = await listenOnLoopback(server, { part, port });

  const account = createAccount(listening.port);
  const containers = databases.flatMap((database) => createContainers(account, database));
  try {
    for (const { databaseId, containerId, documents } of containers) {
      for (const item of stored[databaseId]?.[containerId] ?? []) documents.create(item);
    }
  } catch (cause) {
    await listening.close();
    throw new StoredItemsError(
      String(dataFile),
      `it has an item that its container refuses: ${cause}`,
      cause,
    );
  }

  /** With what belongs to a database or container that is not defined any more. */
  function itemsToStore(): StoredItems {
    const items: StoredItems = { ...stored };
    for (const { databaseId, containerId, documents } of containers) {
      const current = documents.read().result.map(withoutSystemProperties);
      items[databaseId] = { ...items[databaseId], [containerId]: current };
    }
    return items;
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

interface Container {
  readonly databaseId: string;
  readonly containerId: string;
  readonly documents: Documents;
}

function createContainers(account: Account, { id, containers }: DatabaseDefinition): Container[] {
  account.databases.create({ id });
  const database = account.database(id);
  return containers.map((container) => {
    database.collections.create({ ...container });
    const { documents } = database.collection(container.id);
    return { databaseId: id, containerId: container.id, documents };
  });
}

function withoutSystemProperties(document: StoredItem): StoredItem {
  const { _rid, _self, _etag, _ts, ...item } = document;
  return item;
}
