import { afterAll, beforeAll, expect, it } from "vitest";
import { success } from "../../../src/core/result.ts";
import { BlobApprovalLedger, usedApprovalsPrefix } from "../../../src/mcp/approvals/ledger.ts";
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
