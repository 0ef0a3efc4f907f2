import { expect, it } from "vitest";
import { domain } from "../../../src/domain.ts";
import { approvalLifetime } from "../../../src/mcp/approvals/handles.ts";
import { verifies } from "../../requirements.ts";
import { composeForTest } from "../../support/composed.ts";
import { MemoryApprovalLedger } from "./memory-approval-ledger.ts";

it(verifies("approval.forgotten", "the server's upkeep forgets what is long over"), async () => {
  const ledger = new MemoryApprovalLedger();
  const { upkeep, clock } = await composeForTest(domain, { adapters: { approvalLedger: ledger } });
  const owner = { tenantId: "tenant", objectId: "person" };
  await ledger.consume(owner, "approval-1", clock.now() + approvalLifetime);
  await upkeep(() => {});
  expect(ledger.used.size).toBe(1);
  clock.advance(2 * 60 * 60 * 1000);
  await upkeep(() => {});
  expect(ledger.used.size).toBe(0);
});
