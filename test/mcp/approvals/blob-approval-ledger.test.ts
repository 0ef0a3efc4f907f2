import { afterAll, beforeAll, expect, it } from "vitest";
import { success } from "../../../src/core/result.ts";
import {
  BlobApprovalLedger,
  ledgerUpkeep,
  rememberedLonger,
  sweptAtOnce,
  usedApprovalsPrefix,
} from "../../../src/mcp/approvals/ledger.ts";
import { type Azurite, startAzurite } from "../../keys/azurite.ts";
import { verifies } from "../../requirements.ts";
import { value } from "../../support/value.ts";

let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
});

afterAll(() => azurite?.close());

const owner = {
  tenantId: "11111111-2222-3333-4444-555555555555",
  objectId: "aaaaaaaa-0000-4000-8000-000000000001",
};
const expiresAt = Date.parse("2026-11-21T12:10:00Z");

it(verifies("approval.ledger", "lets one of twenty use an approval up"), async () => {
  const container = azurite.blobs.getContainerClient("used-up");
  await container.create();
  const ledgers = [new BlobApprovalLedger(container), new BlobApprovalLedger(container)] as const;
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      ledgers[index % 2 === 0 ? 0 : 1].consume(owner, "approval-1", expiresAt),
    ),
  );
  expect(outcomes.map(value).sort()).toEqual([
    ...Array<string>(19).fill("already-used"),
    "consumed",
  ]);
  expect(await ledgers[0].consume(owner, "approval-2", expiresAt)).toEqual(success("consumed"));
  const other = { ...owner, objectId: "aaaaaaaa-0000-4000-8000-000000000002" };
  expect(await ledgers[0].consume(other, "approval-1", expiresAt)).toEqual(success("consumed"));
});

it("marks whose approval it was and when it would have expired, and nothing else", async () => {
  const container = azurite.blobs.getContainerClient("marks");
  await container.create();
  await new BlobApprovalLedger(container).consume(owner, "approval-1", expiresAt);
  const marks: unknown[] = [];
  for await (const blob of container.listBlobsFlat({ includeMetadata: true })) {
    marks.push([blob.name, blob.metadata, blob.properties.contentLength]);
  }
  expect(marks).toEqual([
    [
      `${usedApprovalsPrefix}${owner.tenantId}/${owner.objectId}/approval-1`,
      { expires: "2026-11-21T12:10:00.000Z" },
      0,
    ],
  ]);
});

it(verifies("approval.ledger", "is a failure, not an approval, while out of reach"), async () => {
  const absent = new BlobApprovalLedger(azurite.blobs.getContainerClient("absent"));
  expect(await absent.consume(owner, "approval-1", expiresAt)).toEqual({
    ok: false,
    reason: { kind: "unavailable", cause: expect.stringContaining("ContainerNotFound") },
  });
});

const noSignal = () => new AbortController().signal;

async function marksIn(name: string) {
  const container = azurite.blobs.getContainerClient(name);
  await container.create();
  return {
    container,
    ledger: new BlobApprovalLedger(container),
    left: async () => {
      const names: string[] = [];
      for await (const blob of container.listBlobsFlat()) names.push(blob.name);
      return names.map((blob) => blob.split("/").at(-1));
    },
  };
}

it(
  verifies("approval.forgotten", "forgets what no clock takes for valid, and no more"),
  async () => {
    const { container, ledger, left } = await marksIn("swept");
    await ledger.consume(owner, "early", expiresAt - 1000);
    await ledger.consume(owner, "late", expiresAt);
    // The container holds the key ring too, and perhaps what somebody else has put there.
    await container.getBlockBlobClient("signing-keys.json").upload("{}", 2);
    await container.getBlockBlobClient(`${usedApprovalsPrefix}undated`).upload("", 0);

    const over = expiresAt + rememberedLonger;
    expect(await ledger.sweep(over - 1001, noSignal())).toEqual(success(0));
    expect(await ledger.consume(owner, "early", expiresAt)).toEqual(success("already-used"));
    expect(await ledger.sweep(over - 1000, noSignal())).toEqual(success(1));
    expect((await left()).sort()).toEqual(["late", "signing-keys.json", "undated"]);
    expect(await ledger.sweep(over, noSignal())).toEqual(success(1));
    expect(await ledger.sweep(over, noSignal())).toEqual(success(0));
    expect((await left()).sort()).toEqual(["signing-keys.json", "undated"]);
  },
);

it(verifies("approval.forgotten", "does so on several instances at once"), async () => {
  const { container, ledger, left } = await marksIn("swept-twice");
  const ids = Array.from({ length: 20 }, (_, index) => `approval-${index}`);
  await Promise.all(ids.map((id) => ledger.consume(owner, id, expiresAt)));
  const over = expiresAt + rememberedLonger;
  const sweeps = [ledger, new BlobApprovalLedger(container)].map((each) =>
    each.sweep(over, noSignal()),
  );
  expect((await Promise.all(sweeps)).map(({ ok }) => ok)).toEqual([true, true]);
  expect(await left()).toEqual([]);
});

it(verifies("approval.forgotten", "ends in time, and goes on the next time"), async () => {
  const { ledger, left } = await marksIn("swept-in-part");
  for (let id = 0; id < sweptAtOnce + 2; id += 100) {
    const ids = Array.from(
      { length: Math.min(100, sweptAtOnce + 2 - id) },
      (_, index) => id + index,
    );
    await Promise.all(ids.map((each) => ledger.consume(owner, String(each), expiresAt)));
  }
  const over = expiresAt + rememberedLonger;
  expect(await ledger.sweep(over, AbortSignal.abort())).toEqual(success(0));
  expect(await ledger.sweep(over, noSignal())).toEqual(success(sweptAtOnce));
  expect(await ledger.sweep(over, noSignal())).toEqual(success(2));
  expect(await left()).toEqual([]);
}, 60_000);

it(verifies("approval.forgotten", "is a piece of upkeep that says what it did"), async () => {
  const { ledger } = await marksIn("swept-by-upkeep");
  await ledger.consume(owner, "approval-1", expiresAt);
  const lines: unknown[] = [];
  const log = (level: string, event: string, fields: unknown) => lines.push([level, event, fields]);
  const over = () => expiresAt + rememberedLonger;
  await ledgerUpkeep(ledger, over)(noSignal(), log);
  await ledgerUpkeep(ledger, over)(noSignal(), log);
  const absent = new BlobApprovalLedger(azurite.blobs.getContainerClient("absent"));
  await ledgerUpkeep(absent, over)(noSignal(), log);
  expect(lines).toEqual([
    ["info", "approvals.swept", { forgotten: 1 }],
    ["warn", "approvals.not-swept", { cause: expect.stringContaining("ContainerNotFound") }],
  ]);
});
