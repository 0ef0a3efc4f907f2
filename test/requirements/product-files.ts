import type { Requirements } from "./requirement.ts";

/** People's files in Blob Storage. */
export const filesRequirements = {
  "src/storage/user-blobs.ts": {
    "files.kept": "A file comes back byte for byte with its media type, until it is deleted.",
    "files.isolated":
      "A file is reached below the object id of the person it belongs to alone, and no path leads out of there.",
    "files.container":
      "People's files lie in a container of their own, apart from the keys; the server is ready only where it reaches it.",
  },
  "https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-structure": {
    "infrastructure.user-data":
      "In Azure people's files get a container of their own where the domain keeps any, and lifecycle rules delete what is older than its area's days, and nothing else.",
  },
  "https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes": {
    "files.failures":
      "Throttling, outages, missing roles, missing containers and cancelled calls of Blob Storage are told apart, and nothing of its own words gets out.",
  },
} satisfies Requirements;

/** Receipts of expenses. */
export const receiptsRequirements = {
  "src/expenses/attach-receipt.ts": {
    "receipts.attached":
      "`attach_receipt` adds a file to an expense of the caller's own, and answers with the URI that it can be read from.",
    "receipts.kinds":
      "A receipt is a PNG, JPEG, WebP or PDF by its own signature, up to 2.5 MiB; anything else is refused with what is wrong.",
    "receipts.repeated": "The same file attached again to the same expense is stored once.",
    "receipts.limits":
      "An expense has at most 5 receipts, and a person at most 1,000 with 500 MiB in all.",
  },
  "src/expenses/receipts/receipt-resource.ts": {
    "receipts.read":
      "`expenses://me/expenses/{id}/receipts/{receipt}` is read back byte for byte by the person whose receipt it is, and by nobody else.",
  },
  "src/expenses/receipts/receipt-files.ts": {
    "receipts.cut-off":
      "Wherever storage or database fails while a receipt is attached, nothing refers to a file that is not there, the answer says whether it is known to be attached, and a repetition finishes.",
    "receipts.deleted": "Receipts are deleted with their expense, after it.",
  },
  "docs/commands.md": {
    "receipts.sweep-command":
      "`npm run sweep-receipts` counts what no expense refers to, in the laptop stack or in Azure, and deletes it only where asked.",
  },
  "src/expenses/receipts/receipt-sweep.ts": {
    "receipts.swept":
      "What no expense refers to is deleted an hour later or more, everybody's once a day; what an expense refers to, or what cannot be told, is kept.",
  },
} satisfies Requirements;
