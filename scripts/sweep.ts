/** Counts or deletes the receipts that no expense refers to: `npm run sweep-receipts`. */
import { Agent } from "node:https";
import type { AccessToken, TokenCredential } from "@azure/core-auth";
import { CosmosClient } from "@azure/cosmos";
import { BlobServiceClient, type StoragePipelineOptions } from "@azure/storage-blob";
import { ensureCertificate } from "../local/certificate.ts";
import { CommandError, readPort } from "../local/command-line.ts";
import { findStack } from "../local/find-stack.ts";
import { dataFolder } from "../local/paths.ts";
import { azureCredential } from "../src/azure-credential.ts";
import { domain } from "../src/domain.ts";
import { sweepReceipts } from "../src/expenses/receipts/receipt-sweep.ts";
import { CosmosExpenseStore } from "../src/expenses/store/cosmos-store.ts";
import { AzureUserBlobs } from "../src/storage/azure-user-blobs.ts";
import { userDataContainer } from "../src/storage/user-blobs.ts";

/** Where a server keeps its data, and how this machine reaches it. */
interface Place {
  readonly cosmos: string;
  readonly storage: string;
  readonly credential: TokenCredential;
  /** Certificate to trust beside the machine's. */
  readonly ca?: string;
}

/** What the command line says. */
interface Asked {
  readonly delete: boolean;
  readonly stack: string | undefined;
  readonly data: string | undefined;
  readonly cosmos: string | undefined;
  readonly storage: string | undefined;
}

/** @throws {CommandError} where it cannot be done */
export async function sweep(values: Asked): Promise<void> {
  const place = await placeOf(values);
  const agent = place.ca === undefined ? undefined : new Agent({ ca: place.ca });
  const client = new CosmosClient({
    endpoint: place.cosmos,
    aadCredentials: place.credential,
    ...(agent && { agent, connectionPolicy: { enableEndpointDiscovery: false } }),
  });
  // The option is not in the types of this client.
  const options: StoragePipelineOptions & { tlsOptions?: object } = {
    ...(place.ca !== undefined && { tlsOptions: { ca: place.ca } }),
  };
  const service = new BlobServiceClient(place.storage, place.credential, options);
  try {
    const swept = await sweepReceipts(
      {
        blobs: new AzureUserBlobs(service.getContainerClient(userDataContainer)),
        store: new CosmosExpenseStore(async () =>
          client.database(domain.name).container("expenses"),
        ),
        now: Date.now,
      },
      { isDryRun: !values.delete, signal: new AbortController().signal },
    );
    if (!swept.ok) {
      const cause = "cause" in swept.reason ? `: ${swept.reason.cause}` : "";
      throw new CommandError(`The sweep has stopped (${swept.reason.kind}${cause}). Try again.`);
    }
    const { files, unreferenced, bytes } = swept.value;
    const done = values.delete ? "deleted" : "found; --delete deletes them";
    console.log(
      `${files} receipts, of which ${unreferenced} unreferenced (${bytes} bytes) ${done}.`,
    );
  } finally {
    client.dispose();
    agent?.destroy();
  }
}

async function placeOf(values: Asked): Promise<Place> {
  const { cosmos, storage } = values;
  if (cosmos !== undefined || storage !== undefined) {
    if (cosmos === undefined || storage === undefined || values.stack !== undefined) {
      throw new CommandError("Name both --cosmos and --storage, or else a laptop stack.");
    }
    const credential = azureCredential({ managedIdentityClientId: undefined });
    return {
      cosmos: httpsUrl("cosmos", cosmos),
      storage: httpsUrl("storage", storage),
      credential,
    };
  }
  const folder = values.data ?? dataFolder;
  const { ports } = await findStack(folder, readPort("stack", values.stack));
  const { cert } = await ensureCertificate(folder);
  return {
    cosmos: `https://localhost:${ports.cosmos}`,
    storage: `https://localhost:${ports.storage}/devstoreaccount1`,
    credential: { getToken: async () => laptopToken() },
    ca: cert,
  };
}

function httpsUrl(option: string, text: string): string {
  if (URL.canParse(text) && new URL(text).protocol === "https:") return text;
  throw new CommandError(`--${option} takes an https URL, not ${text}`);
}

/** A token for the emulators, which look at its claims alone and at no signature. */
function laptopToken(): AccessToken {
  const now = Math.floor(Date.now() / 1000);
  const day = 24 * 60 * 60;
  const claims = {
    iss: "https://sts.windows.net/7a3c1f58-94d2-4f0e-8b61-0d5e2c9b4a17/",
    aud: "https://storage.azure.com",
    iat: now - day,
    nbf: now - day,
    exp: now + day,
  };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const token = `${encode({ alg: "none", typ: "JWT" })}.${encode(claims)}.`;
  return { token, expiresOnTimestamp: (now + day) * 1000 };
}
