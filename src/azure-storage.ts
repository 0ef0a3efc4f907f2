import type { TokenCredential } from "@azure/core-auth";
import { BlobServiceClient } from "@azure/storage-blob";
import type { Adapters } from "./app.ts";
import { BlobKeyStorage, keyRingBlob, keyRingContainer } from "./keys/blob-key-storage.ts";
import { BlobApprovalLedger } from "./mcp/approvals/ledger.ts";

/** What lies in Blob Storage, in one container: the key ring, and which approvals have been used. */
export function openStorage(
  endpoint: string,
  credential: TokenCredential,
): Pick<Adapters, "keyStorage" | "approvalLedger" | "reachStorage"> {
  const container = new BlobServiceClient(endpoint, credential).getContainerClient(
    keyRingContainer,
  );
  return {
    keyStorage: new BlobKeyStorage(container.getBlockBlobClient(keyRingBlob)),
    approvalLedger: new BlobApprovalLedger(container),
    reachStorage: (abortSignal) => container.getProperties({ abortSignal }),
  };
}
