import { failure, success } from "../../core/result.ts";
import { defineResource } from "../../mcp/define-resource.ts";
import type { DefinedResource } from "../../mcp/offer.ts";
import { everyone } from "../../mcp/policy.ts";
import { receiptUri } from "../receipt.ts";
import { largestReceipt, type ReceiptFiles, receiptToolFailure } from "./receipt-files.ts";

const known = /^[\w-]{1,64}$/;

/** A receipt of one of the caller's own expenses. Policy: everyone, each their own. */
export function receiptResource(files: Pick<ReceiptFiles, "read">): DefinedResource {
  return defineResource({
    name: "receipt",
    title: "Receipt",
    description:
      "A receipt of one of the signed-in person's own expenses, as it was attached. get_user_expenses shows the URIs of those there are.",
    uriTemplate: receiptUri(
      "{id}",
      "{receipt}",
    ) as "expenses://me/expenses/{id}/receipts/{receipt}",
    policy: everyone,
    // As base64, with room for what stands around it.
    maximumBytes: Math.ceil(largestReceipt / 3) * 4 + 4096,

    async read({ id, receipt }, { caller, signal, log }) {
      const isKnown = known.test(id) && known.test(receipt);
      const file = isKnown
        ? await files.read(caller.objectId, id, receipt, signal)
        : success(undefined);
      if (!file.ok) return receiptToolFailure(file.reason, log);
      if (file.value) return success(file.value);
      return failure({
        reason: "no-such-receipt",
        message: "You have no such receipt. get_user_expenses shows those there are.",
        isMissing: true,
      });
    },
  });
}
