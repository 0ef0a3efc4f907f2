import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CosmosClient, type CosmosClientOptions } from "@azure/cosmos";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Certificate, ensureCertificate } from "../../../local/certificate.ts";
import { type Cosmos, type CosmosOptions, startCosmos } from "../../../local/cosmos/emulator.ts";
import { verifies } from "../../requirements.ts";

const newestFirst = [
  { path: "/userId", order: "ascending" },
  { path: "/sortKey", order: "descending" },
];
const items = {
  id: "items",
  partitionKey: { paths: ["/userId"] },
  indexingPolicy: { compositeIndexes: [newestFirst] },
  uniqueKeyPolicy: { uniqueKeys: [{ paths: ["/receipt"] }] },
};
const database = { id: "contoso", containers: [items] };

describe("the Cosmos DB emulator", () => {
  let directory: string;
  let certificate: Certificate;
  const toClose: (() => unknown)[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "cosmos-"));
    certificate = await ensureCertificate(directory);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));
  afterEach(async () => {
    for (const close of toClose.splice(0)) await close();
  });

  async function start(options: Partial<CosmosOptions> = {}): Promise<Cosmos> {
    const cosmos = await startCosmos({ port: 0, certificate, database, ...options });
    toClose.push(cosmos.close);
    return cosmos;
  }

  /** A client as the application builds it, but for the certificate, which it has from its environment. */
  function clientOf({ endpoint }: Cosmos, options: Partial<CosmosClientOptions> = {}) {
    const client = new CosmosClient({
      endpoint,
      aadCredentials: {
        getToken: async () => ({ token: "a.b.c", expiresOnTimestamp: Date.now() + 3_600_000 }),
      },
      agent: new Agent({ ca: certificate.cert, keepAlive: true }),
      ...options,
    });
    toClose.unshift(() => client.dispose());
    return client;
  }

  function containerOf(cosmos: Cosmos, options?: Partial<CosmosClientOptions>) {
    return clientOf(cosmos, options).database("contoso").container("items");
  }

  function newDataFile(): string {
    return join(directory, randomUUID(), "cosmos.json");
  }

  async function storedAs(content: string): Promise<string> {
    const dataFile = newDataFile();
    await mkdir(dirname(dataFile));
    await writeFile(dataFile, content);
    return dataFile;
  }

  async function readStored(dataFile: string): Promise<unknown> {
    return JSON.parse(await readFile(dataFile, "utf8"));
  }

  const keys = { id: "e1", userId: "u1", sortKey: "2026-01-01", receipt: "r1" };
  const document = { ...keys, n: [{ a: null }] };

  describe("items", () => {
    it(verifies("local.cosmos.items", "are created, read, replaced and deleted"), async () => {
      const container = containerOf(await start());
      const created = await container.items.create(document);
      const read = await container.item("e1", "u1").read();
      const replaced = await container
        .item("e1", "u1")
        .replace(
          { ...document, n: 2 },
          { accessCondition: { type: "IfMatch", condition: created.etag } },
        );
      const deleted = await container.item("e1", "u1").delete();

      const statuses = [created, read, replaced, deleted].map(({ statusCode }) => statusCode);
      expect(statuses).toEqual([201, 200, 200, 204]);
      expect(read.resource).toMatchObject(document);
      expect(read.etag).toBe(created.etag);
      expect(replaced.etag).not.toBe(created.etag);
      expect(read.requestCharge).toBe(1);
    });

    it(verifies("local.cosmos.items", "conflict if the id or a unique key is taken"), async () => {
      const container = containerOf(await start());
      await container.items.create(document);
      // Each is waited for at once: one that is refused before its turn would be an unhandled rejection.
      const conflicts = [
        container.items.create({ ...document, receipt: "r2" }),
        container.items.create({ ...document, id: "e2" }),
        container.items.upsert({ ...document, id: "e2" }),
      ].map((write) => expect(write).rejects.toMatchObject({ code: 409 }));
      const anotherPartition = container.items.create({ ...document, userId: "u2" });
      await Promise.all(conflicts);
      expect(await anotherPartition).toMatchObject({ statusCode: 201 });
    });

    it(verifies("local.cosmos.items", "are not overwritten with another's etag"), async () => {
      const container = containerOf(await start());
      const { etag: condition } = await container.items.create(document);
      await container.item("e1", "u1").replace({ ...document, n: 2 });
      const late = container
        .item("e1", "u1")
        .replace({ ...document, n: 3 }, { accessCondition: { type: "IfMatch", condition } });

      await expect(late).rejects.toMatchObject({ code: 412 });
    });

    it(verifies("local.cosmos.items", "are queried by page, ordered and filtered"), async () => {
      const container = containerOf(await start());
      for (const n of [1, 2, 3, 4, 5]) {
        const more = { id: `e${n}`, sortKey: `2026-01-0${n}`, receipt: `r${n}` };
        await container.items.create({ ...document, ...more });
      }
      await container.items.create({ ...document, userId: "u2", sortKey: "2026-01-02" });
      const query = {
        query:
          "SELECT VALUE c.id FROM c WHERE c.userId = @userId AND c.sortKey < @before ORDER BY c.sortKey DESC",
        parameters: [
          { name: "@userId", value: "u1" },
          { name: "@before", value: "2026-01-05" },
        ],
      };
      const pages = container.items.query(query, { partitionKey: "u1", maxItemCount: 3 });

      expect((await pages.fetchNext()).resources).toEqual(["e4", "e3", "e2"]);
      expect((await pages.fetchNext()).resources).toEqual(["e1"]);
    });

    it(
      verifies("local.cosmos.order", "are ordered only where an index serves it, as in Azure"),
      async () => {
        const only = { path: "/sortKey/?" };
        const indexingPolicy = {
          ...{ includedPaths: [only], excludedPaths: [{ path: "/*" }] },
          compositeIndexes: [newestFirst],
        };
        const indexed = { ...items, indexingPolicy };
        const container = containerOf(
          await start({ database: { id: "contoso", containers: [indexed] } }),
        );
        await container.items.create(document);
        const ordered = (order: string) =>
          container.items.query(`SELECT VALUE c.id FROM c ORDER BY ${order}`).fetchAll();

        for (const order of ["c.sortKey", "c.sortKey DESC", "c.userId, c.sortKey DESC"]) {
          expect((await ordered(order)).resources).toEqual(["e1"]);
        }
        for (const order of [
          "c.receipt DESC",
          "c.sortKey, c.userId",
          "c.sortKey DESC, c.id DESC",
        ]) {
          await expect(ordered(order), order).rejects.toMatchObject({ code: 400 });
        }
      },
    );
  });

  describe("databases and containers", () => {
    it(verifies("local.cosmos.definitions", "exist from the start"), async () => {
      const { resource } = await containerOf(await start()).read();
      expect(resource).toMatchObject({ id: "items", partitionKey: { paths: ["/userId"] } });
    });

    it(verifies("local.cosmos.definitions", "cannot be created, listed or deleted"), async () => {
      const client = clientOf(await start());
      const refused = { code: 403, substatus: 5300 };

      const contoso = client.database("contoso");

      for (const attempt of [
        () => client.databases.create({ id: "another" }),
        () => client.databases.readAll().fetchAll(),
        () => contoso.containers.createIfNotExists({ id: "another" }),
        () => contoso.container("items").delete(),
      ]) {
        await expect(attempt()).rejects.toMatchObject(refused);
      }
    });
  });

  describe("credentials", () => {
    const given = (authorization: string) => ({ tokenProvider: async () => authorization });

    it.each([
      ["asked for", { key: undefined }, { code: 401 }],
      ["no account key", { key: "a2V5" }, { code: 401, substatus: 5202 }],
      ["not of another form: Bearer", given("Bearer a.b.c"), { code: 401 }],
      ["not of another form: no token", given("type=aad&ver=1.0&sig="), { code: 401 }],
    ])(verifies("local.cosmos.credentials", "are %s"), async (_, credentials, refusal) => {
      const container = containerOf(await start(), { aadCredentials: undefined, ...credentials });

      await expect(container.item("e1", "u1").read()).rejects.toMatchObject(refusal);
    });
  });

  describe("stored data", () => {
    it(verifies("local.cosmos.kept", "is there again after a restart"), async () => {
      const dataFile = newDataFile();
      const first = await start({ dataFile });
      const sameId = { ...document, userId: "u2", n: "ü" };
      await containerOf(first).items.create(document);
      await containerOf(first).items.create(sameId);
      await first.close();
      const container = containerOf(await start({ dataFile }));

      const { resources } = await container.items.query("SELECT * FROM c").fetchAll();
      expect(resources.map(({ _rid, _self, _etag, _ts, ...item }) => item)).toEqual([
        document,
        sameId,
      ]);
      const conflict = container.items.create({ ...document, id: "e2" });
      await expect(conflict).rejects.toMatchObject({ code: 409 });
    });

    it(verifies("local.cosmos.kept", "is written while the emulator runs"), async () => {
      const dataFile = newDataFile();
      const container = containerOf(await start({ dataFile }));
      await container.items.create(document);
      const waitForItems = (stored: object[]) =>
        vi.waitFor(async () => {
          const databases = { contoso: { items: stored } };
          expect(await readStored(dataFile)).toEqual({ version: 1, databases });
        });

      await waitForItems([document]);
      await container.item("e1", "u1").delete();
      await waitForItems([]);
    });

    it(verifies("local.cosmos.kept", "outlives a start without its container"), async () => {
      const old = { contoso: { retired: [{ id: "r" }] }, gone: { c: [] } };
      const dataFile = await storedAs(JSON.stringify({ version: 1, databases: old }));
      const cosmos = await start({ dataFile });
      await containerOf(cosmos).items.create(document);
      await cosmos.close();

      expect(await readStored(dataFile)).toEqual({
        version: 1,
        databases: { contoso: { retired: [{ id: "r" }], items: [document] }, gone: { c: [] } },
      });
    });

    it.each([
      ["is cut off", '{"version":1,"databases":{"expen'],
      ["is empty", ""],
      ["has another form", '{"contoso":[]}'],
      ["is of a later version", '{"version":2,"databases":{}}'],
      ["has an item without an id", '{"version":1,"databases":{"contoso":{"items":[{}]}}}'],
      [
        "has an item twice",
        '{"version":1,"databases":{"contoso":{"items":[{"id":"a","userId":"u"},{"id":"a","userId":"u"}]}}}',
      ],
    ])(verifies("local.cosmos.damaged", "stops the start, and stays: %s"), async (_, content) => {
      const dataFile = await storedAs(content);

      await expect(start({ dataFile })).rejects.toThrow(
        `the stored data in ${dataFile} cannot be read`,
      );
      await expect(start({ dataFile })).rejects.toThrow("--fresh");
      expect(await readFile(dataFile, "utf8")).toBe(content);
    });

    it("is named when it cannot be written", async () => {
      const dataFile = newDataFile();
      const cosmos = await startCosmos({ port: 0, certificate, database, dataFile });
      await mkdir(dataFile, { recursive: true });
      await containerOf(cosmos).items.create(document);

      await expect(cosmos.close()).rejects.toThrow(`${dataFile} cannot be written`);
    });
  });

  it(verifies("local.port-in-use", "names itself and a port that is in use"), async () => {
    const { endpoint } = await start();
    const { port } = new URL(endpoint);

    await expect(start({ port: Number(port) })).rejects.toThrow(
      `Cosmos DB emulator: port ${port} is in use`,
    );
  });

  it(verifies("local.close", "closes at once, and twice, with connections open"), async () => {
    const cosmos = await start();
    await containerOf(cosmos).items.create(document);
    // This one never begins its TLS handshake.
    const silent = connect(Number(new URL(cosmos.endpoint).port), "127.0.0.1");
    const silentEnds = new Promise((resolve) => silent.once("close", resolve));
    await new Promise((resolve) => silent.once("connect", resolve));
    silent.on("error", () => {});
    await Promise.all([cosmos.close(), cosmos.close()]);

    await silentEnds;
  });
});
