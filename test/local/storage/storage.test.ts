import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { BlobServiceClient, type StoragePipelineOptions } from "@azure/storage-blob";
import { UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Certificate, ensureCertificate } from "../../../local/certificate.ts";
import {
  keyRingContainer as containerMadeAtStart,
  userDataContainer as secondContainerMadeAtStart,
} from "../../../local/settings.ts";
import { type Storage, startStorage } from "../../../local/storage/storage.ts";
import { keyRingContainer } from "../../../src/keys/blob-key-storage.ts";
import { userDataContainer } from "../../../src/storage/user-blobs.ts";
import { verifies } from "../../requirements.ts";
import { hasOtherLoopback } from "../other-loopback.ts";

/** A token of the managed identity, as far as Azurite looks at it. */
function tokenFor(audience: string): string {
  return new UnsecuredJWT({})
    .setIssuer("https://sts.windows.net/7a3c1f58-94d2-4f0e-8b61-0d5e2c9b4a17/")
    .setAudience(audience)
    .setIssuedAt()
    .setNotBefore("0s")
    .setExpirationTime("1h")
    .encode();
}

describe("the local Blob Storage", () => {
  // Nothing but this holds the two together: local/ stays clear of what the server is made of.
  it(verifies("start.ready", "has the containers of keys and of people's files"), () => {
    expect(containerMadeAtStart).toBe(keyRingContainer);
    expect(secondContainerMadeAtStart).toBe(userDataContainer);
  });

  let directory: string;
  let certificate: Certificate;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "storage-"));
    certificate = await ensureCertificate(directory);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  function keysOf(endpoint: string, audience = "https://storage.azure.com") {
    const credential = {
      getToken: async () => ({
        token: tokenFor(audience),
        expiresOnTimestamp: Date.now() + 3_600_000,
      }),
    };
    // The application has the certificate from its environment; the option is not in the types.
    const options: StoragePipelineOptions & { tlsOptions: object } = {
      tlsOptions: { ca: certificate.cert },
      retryOptions: { maxTries: 1 },
    };
    return new BlobServiceClient(endpoint, credential, options).getContainerClient("keys");
  }

  describe("in memory", () => {
    let storage: Storage;
    beforeAll(async () => {
      storage = await startStorage({ port: 0, certificate, containers: ["keys", "receipts"] });
    });
    afterAll(() => storage.close());

    it.each(["localhost", "127.0.0.1"])(
      verifies("local.storage.blobs", "stores and reads a blob, as %s"),
      async (host) => {
        const blob = keysOf(storage.endpoint.replace("localhost", host)).getBlockBlobClient(host);
        await blob.upload("content", "content".length);

        expect((await blob.downloadToBuffer()).toString()).toBe("content");
      },
    );

    it(verifies("local.storage.blobs", "creates a blob once if If-None-Match is *"), async () => {
      const blob = keysOf(storage.endpoint).getBlockBlobClient("once");
      const conditions = { ifNoneMatch: "*" };
      const creations = ["a", "b", "c"].map((content) => blob.upload(content, 1, { conditions }));
      const outcomes = await Promise.allSettled(creations);

      const refusals = outcomes.filter((outcome) => outcome.status === "rejected");
      expect(refusals).toHaveLength(2);
      for (const { reason } of refusals) {
        expect(reason).toMatchObject({ statusCode: 409, code: "BlobAlreadyExists" });
      }
    });

    it("has every container from the start, and no other", async () => {
      const service = keysOf(storage.endpoint);

      expect(await service.exists()).toBe(true);
      const missing = service.getBlockBlobClient("none").download();
      await expect(missing).rejects.toMatchObject({ statusCode: 404, code: "BlobNotFound" });
    });

    it("refuses a token for another resource", async () => {
      const keys = keysOf(storage.endpoint, "https://vault.azure.net");
      const read = keys.getBlockBlobClient("once").download();

      await expect(read).rejects.toMatchObject({ statusCode: 403 });
    });

    it(verifies("local.loopback", "listens on the loopback address alone"), async ({ skip }) => {
      skip(process.platform === "darwin", "macOS has no other loopback address to try");
      const elsewhere = connect(portOf(storage.endpoint), "127.0.0.2");

      await expect(once(elsewhere, "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    });

    it(verifies("local.both-addresses", "answers under both addresses"), async ({ skip }) => {
      skip(!hasOtherLoopback, "this machine has no IPv6");
      const { port } = new URL(storage.endpoint);
      const options = { ca: certificate.cert, servername: "localhost" };
      const socket = connectTls({ ...options, host: "::1", port: Number(port) });
      await once(socket, "secureConnect");
      socket.end("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    });

    it(verifies("local.port-in-use", "names itself and a port that is in use"), async () => {
      const port = portOf(storage.endpoint);
      const second = startStorage({ port, certificate, containers: [] });

      await expect(second).rejects.toThrow(`Storage (Azurite): port ${port} is in use`);
    });
  });

  it(verifies(["local.storage.kept", "local.close"], "has its blobs after a restart"), async () => {
    const options = { port: 0, certificate, containers: ["keys"] };
    const dataDirectory = join(directory, "blobs");
    const first = await startStorage({ ...options, dataDirectory });
    await keysOf(first.endpoint).getBlockBlobClient("ring").upload("content", 7);
    // This one never begins its TLS handshake, and must not hold the end up.
    const silent = connect(portOf(first.endpoint), "127.0.0.1").on("error", () => {});
    await once(silent, "connect");
    await Promise.all([first.close(), first.close()]);
    expect(isRunning(first.processId)).toBe(false);

    const second = await startStorage({ ...options, dataDirectory });
    const blob = await keysOf(second.endpoint).getBlockBlobClient("ring").downloadToBuffer();
    await second.close();
    expect(blob.toString()).toBe("content");
  });

  it("names itself, and what to do, when its data is damaged", async () => {
    const dataDirectory = join(directory, "damaged");
    await mkdir(dataDirectory);
    await writeFile(join(dataDirectory, "__azurite_db_blob__.json"), '{"collec');
    const start = startStorage({ port: 0, certificate, dataDirectory, containers: [] });

    await expect(start).rejects.toThrow(/^Storage \(Azurite\): ended while starting .*--fresh/);
  });

  it(verifies("local.storage.ends", "says so when it ends by itself"), async () => {
    const storage = await startStorage({ port: 0, certificate, containers: [] });
    process.kill(storage.processId ?? 0, "SIGKILL");

    expect(await storage.exited).toEqual({ code: null, signal: "SIGKILL" });
    await storage.close();
  });

  it(verifies("local.storage.ends", "ends when its starter is killed"), async () => {
    const script = join(import.meta.dirname, "starter.ts");
    const starter = spawn(process.execPath, [script, directory], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(createInterface({ input: starter.stdout }), "line");
    const { processId } = JSON.parse(line);
    expect(isRunning(processId)).toBe(true);
    starter.kill("SIGKILL");

    await vi.waitFor(() => expect(isRunning(processId)).toBe(false), { timeout: 10_000 });
  });
});

function portOf(endpoint: string): number {
  return Number(new URL(endpoint).port);
}

/** A process that has ended counts as such also where nobody has asked for its exit code yet. */
function isRunning(processId: number | undefined): boolean {
  if (processId === undefined) return false;
  try {
    process.kill(processId, 0);
  } catch {
    return false;
  }
  return process.platform !== "linux" || !isZombie(processId);
}

function isZombie(processId: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${processId}/stat`, "utf8"));
  } catch {
    return true;
  }
}
