import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";

export interface Azurite {
  readonly blobs: BlobServiceClient;
  /** Ends the process; whoever asks it afterwards is refused the connection. */
  close(): Promise<void>;
}

/**
 * The account that Azurite has from the start, no secret.
 * Source: https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
 */
const account = "devstoreaccount1";
const accountKey =
  "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/** Azurite's blob service in memory, in a process of its own, on a free port. */
export async function startAzurite(): Promise<Azurite> {
  const main = createRequire(import.meta.url).resolve("azurite/dist/src/blob/main.js");
  const options = [
    "--inMemoryPersistence",
    "--disableTelemetry",
    "--skipApiVersionCheck",
    "--silent",
  ];
  const process_ = spawn(process.execPath, [main, "--blobPort", "0", ...options], {
    cwd: tmpdir(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(process_, "exit");
  const endpoint = await endpointIn(createInterface(process_.stdout));
  if (!endpoint) throw new Error("Azurite ended before it was listening.");
  const credential = new StorageSharedKeyCredential(account, accountKey);
  return {
    blobs: new BlobServiceClient(`${endpoint}/${account}`, credential, {
      retryOptions: { maxTries: 1 },
    }),
    async close() {
      process_.kill();
      await exited;
    },
  };
}

async function endpointIn(lines: AsyncIterable<string>): Promise<string | undefined> {
  for await (const line of lines) {
    const [endpoint] = /http:\/\/[\d.]+:\d+/.exec(line) ?? [];
    if (endpoint && line.includes("successfully listen")) return endpoint;
  }
  return undefined;
}
