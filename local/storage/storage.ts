import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Agent } from "node:https";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import {
  BlobServiceClient,
  newPipeline,
  type RequestPolicyFactory,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { codeOf } from "../../src/core/error-code.ts";
import type { Certificate } from "../certificate.ts";
import { endChild, exitOf, type ProcessExit } from "../child-process.ts";
import { loopbackAddress, portError, relayFromOtherAddress } from "../loopback.ts";

export interface StorageOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly certificate: Pick<Certificate, "cert" | "certPath" | "keyPath">;
  /** Where blobs are kept from one start to the next; in memory alone where absent. */
  readonly dataDirectory?: string;
  /** Blob containers that exist from the start. */
  readonly containers: readonly string[];
  readonly log?: Log;
}

export interface Storage {
  /** What `STORAGE_BLOB_ENDPOINT` gets: the blob service of the one account. */
  readonly endpoint: string;
  readonly processId: number | undefined;
  /** Fulfilled when the process has ended, for whatever reason. */
  readonly exited: Promise<ProcessExit>;
  /** Saves the data and ends the process. May be called more than once. */
  close(): Promise<void>;
}

const part = "Storage (Azurite)";

/**
 * Azurite's own account and key, the same everywhere and no secret. Source:
 * https://learn.microsoft.com/azure/storage/common/storage-connect-azurite#connection-strings
 */
const accountName = "devstoreaccount1";
const accountKey =
  "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/** Milliseconds that the process gets to save its data before it is killed. */
const closeLimit = 10_000;

type Log = (line: string) => void;

/**
 * Starts Azurite's blob service in a process of its own, which ends with this one.
 *
 * @throws {Error} naming the part, and the port where that is in use
 */
export async function startStorage({
  port,
  certificate,
  dataDirectory,
  containers,
  log = () => {},
}: StorageOptions): Promise<Storage> {
  const child = fork(
    join(import.meta.dirname, "azurite-process.ts"),
    [
      ...["--blobHost", loopbackAddress, "--blobPort", String(port)],
      ...["--cert", certificate.certPath, "--key", certificate.keyPath, "--oauth", "basic"],
      ...(dataDirectory === undefined ? ["--inMemoryPersistence"] : ["--location", dataDirectory]),
      // The client library is ahead of the versions of the service that Azurite knows.
      "--skipApiVersionCheck",
      "--disableTelemetry",
      "--silent",
    ],
    {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: environmentWithoutAzurite(),
      execArgv: [],
      // In the terminal's process group, Ctrl-C would end it beside whoever started it, and twice.
      detached: true,
      windowsHide: true,
    },
  );
  const exited = exitOf(child);
  let endRelay = () => {};
  const close = () => {
    endRelay();
    return endChild(child, exited, closeLimit);
  };
  try {
    await once(child, "spawn");
  } catch (cause) {
    throw new Error(`${part}: cannot be started (${codeOf(cause, String(cause))})`, { cause });
  }
  try {
    const actualPort = await listeningPort(child, exited, { port, dataDirectory, log });
    // Azurite listens on one address.
    endRelay = await relayFromOtherAddress({ part, port: actualPort });
    void exited.then(endRelay);
    const endpoint = `https://localhost:${actualPort}/${accountName}`;
    await createContainers(endpoint, { ca: certificate.cert, containers });
    return { endpoint, processId: child.pid, exited, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Variables that would give Azurite other accounts or another database. */
function environmentWithoutAzurite(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith("AZURITE_")),
  );
}

/** The port that the process says it listens on; what it says on standard error from then on is logged. */
async function listeningPort(
  child: ChildProcess,
  exited: Promise<ProcessExit>,
  { port, dataDirectory, log }: Pick<StorageOptions, "port" | "dataDirectory"> & { log: Log },
): Promise<number> {
  let started = false;
  const complaints: string[] = [];
  const complaintsEnd = readLines(child.stderr, (line) => {
    if (started) log(`${part}: ${line}`);
    else complaints.push(line);
  });
  const listens = new Promise<number>((resolve) => {
    void readLines(child.stdout, (line) => {
      const [, actualPort] = /successfully listens on \S+:(\d+)$/.exec(line) ?? [];
      if (actualPort === undefined) return;
      started = true;
      resolve(Number(actualPort));
    });
  });
  const ends = exited.then(async ({ code, signal }) => {
    await complaintsEnd;
    const complaint = complaints.join(" ");
    if (complaint.includes("EADDRINUSE")) throw portError({ part, port, code: "EADDRINUSE" });
    const advice =
      dataDirectory === undefined
        ? ""
        : ` If the data in ${dataDirectory} is damaged, start with --fresh to forget all stored data.`;
    throw new Error(
      `${part}: ended while starting (${signal ?? `exit code ${code}`}): ${complaint}.${advice}`,
    );
  });
  return Promise.race([listens, ends]);
}

/** Fulfilled at the stream's end. */
async function readLines(stream: Readable | null, onLine: (line: string) => void): Promise<void> {
  if (!stream) return;
  const lines = createInterface({ input: stream }).on("line", onLine);
  await once(lines, "close");
}

/** The application itself never creates containers: in Azure the deployment does. */
async function createContainers(
  endpoint: string,
  { ca, containers }: { ca: string; containers: readonly string[] },
): Promise<void> {
  const agent = new Agent({ ca });
  const trustCertificate: RequestPolicyFactory = {
    create: (next) => ({
      sendRequest(request) {
        request.agent = agent;
        return next.sendRequest(request);
      },
    }),
  };
  const pipeline = newPipeline(new StorageSharedKeyCredential(accountName, accountKey));
  pipeline.factories.unshift(trustCertificate);
  const service = new BlobServiceClient(endpoint, pipeline);
  for (const container of containers) {
    try {
      await service.getContainerClient(container).createIfNotExists();
    } catch (cause) {
      throw new Error(
        `${part}: container ${container} cannot be created (${codeOf(cause, String(cause))})`,
        {
          cause,
        },
      );
    }
  }
}
