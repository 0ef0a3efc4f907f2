import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { noConnections } from "../../../src/define-domain.ts";
import { domain } from "../../../src/expenses/domain.ts";
import { eraseableBlobs } from "../../../src/expenses/erasure/eraseable-blobs.ts";
import { Eraser } from "../../../src/expenses/erasure/erasure.ts";
import { AzureUserBlobs } from "../../../src/storage/azure-user-blobs.ts";
import { type Azurite, startAzurite } from "../../keys/azurite.ts";
import { verifies } from "../../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../../storage/cosmos-emulator.ts";
import { value } from "../../support/value.ts";

const areas = Object.keys(domain.blobs ?? {});
const signal = new AbortController().signal;
let emulator: CosmosBackEnd;
let azurite: Azurite;
beforeAll(async () => {
  emulator = await startCosmosEmulator(domain.containers.expenses);
  azurite = await startAzurite();
});
afterAll(async () => {
  await emulator?.close();
  await azurite?.close();
});

it(
  verifies(["erasure.all", "erasure.two-people"], "deletes one person's files in Blob Storage"),
  async () => {
    const files = azurite.blobs.getContainerClient("user-data");
    await files.create();
    const blobs = new AzureUserBlobs(files);
    const container = await emulator.openContainer(createDefaultHttpClient());
    const eraser = new Eraser({
      open: async () => container,
      blobs,
      areas,
      connections: noConnections,
      now: Date.now,
    });
    const eraseable = eraseableBlobs(blobs, eraser);
    for (const person of ["user", "user-1", "user-10"]) {
      for (const area of areas) {
        for (const path of ["one", "two/deeper"]) {
          const options = { mediaType: "image/png" };
          value(await eraseable.put(area, person, path, Buffer.from("x"), options));
        }
      }
    }
    value(await eraser.begin("user-1", signal));
    expect(value(await eraser.carryOn("user-1", signal, () => {}))).toMatchObject({
      state: "finished",
      counts: { expenses: 0, receipts: 2, uploads: 4 },
    });
    const left: (string | undefined)[] = [];
    for await (const { name } of files.listBlobsFlat()) left.push(name.split("/")[1]);
    expect(left.toSorted()).toEqual([...Array(6).fill("user"), ...Array(6).fill("user-10")]);
  },
);
