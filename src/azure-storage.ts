import type { TokenCredential } from "@azure/core-auth";
import { BlobServiceClient } from "@azure/storage-blob";
import type { Adapters } from "./app.ts";
import { gatewayKeysBlob } from "./gateway/keys/gateway-keys.ts";
import { BlobKeyStorage, keyRingBlob, keyRingContainer } from "./keys/blob-key-storage.ts";
import { BlobApprovalLedger } from "./mcp/approvals/ledger.ts";
import { AzureUserBlobs } from "./storage/azure-user-blobs.ts";
import { userDataContainer } from "./storage/user-blobs.ts";

/**
 * What lies in Blob Storage: in one container the key ring, the gateway's keys and which approvals have been used, in
 * another what belongs to people.
 */
export function openStorage(
  endpoint: string,
  credential: TokenCredential,
): Pick<
  Adapters,
  | "keyStorage"
  | "gatewayKeyStorage"
  | "approvalLedger"
  | "reachStorage"
  | "userBlobs"
  | "reachUserBlobs"
> {
  const service = new BlobServiceClient(endpoint, credential);
  const container = service.getContainerClient(keyRingContainer);
  const userData = service.getContainerClient(userDataContainer);
  return {
    keyStorage: new BlobKeyStorage(container.getBlockBlobClient(keyRingBlob)),
    gatewayKeyStorage: new BlobKeyStorage(container.getBlockBlobClient(gatewayKeysBlob)),
    approvalLedger: new BlobApprovalLedger(container),
    reachStorage: (abortSignal) => container.getProperties({ abortSignal }),
    userBlobs: new AzureUserBlobs(userData),
    reachUserBlobs: (abortSignal) => userData.getProperties({ abortSignal }),
  };
}
