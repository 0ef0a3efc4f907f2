import { mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CosmosClient } from "@azure/cosmos";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { ensureCertificate } from "../../../local/certificate.ts";
import { startCosmos } from "../../../local/cosmos/emulator.ts";
import { gatewayContainer } from "../../../src/gateway/store/container.ts";
import { createGatewayStore } from "../../../src/gateway/store/cosmos-records.ts";
import { verifies } from "../../requirements.ts";
import { value } from "../../support/value.ts";

const ticket = { name: "ticket", schema: z.object({ text: z.string() }) };
const key = { partition: "person-1", id: "first" };

it(
  verifies("gateway.store.laptop", "are kept from one start of the laptop's stack to the next"),
  async () => {
    const directory = await mkdtemp(join(tmpdir(), "gateway-store-"));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const certificate = await ensureCertificate(directory);
    const agent = new Agent({ ca: certificate.cert, keepAlive: true });
    onTestFinished(() => agent.destroy());

    /** The records, as a server has them until the stack ends. */
    async function withRecords(
      use: (records: ReturnType<typeof recordsOf>) => Promise<void>,
    ): Promise<void> {
      const cosmos = await startCosmos({
        port: 0,
        certificate,
        dataFile: join(directory, "cosmos.json"),
        database: {
          id: "contoso",
          containers: [{ id: gatewayContainer.name, ...gatewayContainer.definition }],
        },
      });
      const getToken = async () => ({ token: "a.b.c", expiresOnTimestamp: Date.now() + 3_600_000 });
      const client = new CosmosClient({
        endpoint: cosmos.endpoint,
        aadCredentials: { getToken },
        agent,
      });
      try {
        await use(recordsOf(client));
      } finally {
        client.dispose();
        await cosmos.close();
      }
    }

    await withRecords(async (records) => {
      value(await records.create(key, { text: "Milk" }, Date.now() + 60_000));
      value(await records.create({ ...key, id: "past" }, { text: "Tea" }, Date.now()));
    });
    await withRecords(async (records) => {
      const read = value(await records.read(key));
      expect(read?.item).toEqual({ text: "Milk" });
      expect(value(await records.read({ ...key, id: "past" }))).toBeUndefined();
      expect(value(await records.count(key.partition))).toBe(1);
      expect(read && value(await records.delete(read))).toBe(true);
    });
  },
);

function recordsOf(client: CosmosClient) {
  const container = client.database("contoso").container(gatewayContainer.name);
  return createGatewayStore({
    open: async () => container,
    now: Date.now,
    pause: async () => {},
  }).records(ticket);
}
