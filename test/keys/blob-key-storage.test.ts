import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure } from "../../src/core/result.ts";
import { BlobKeyStorage, keyRingBlob, keyRingContainer } from "../../src/keys/blob-key-storage.ts";
import type { KeyStorage } from "../../src/keys/key-storage.ts";
import { verifies } from "../requirements.ts";
import { value } from "../support/value.ts";
import { type Azurite, startAzurite } from "./azurite.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryKeyStorage } from "./memory-key-storage.ts";
import { testKeyRing } from "./test-key-ring.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
  await azurite.blobs.getContainerClient(keyRingContainer).create();
});
afterAll(() => azurite.close());

function blobStorage(blob: string = randomUUID(), container = keyRingContainer): BlobKeyStorage {
  return new BlobKeyStorage(azurite.blobs.getContainerClient(container).getBlockBlobClient(blob));
}

describe.each<[string, () => KeyStorage]>([
  ["Blob Storage", () => blobStorage()],
  // What the other tests use in its place must behave the same.
  ["memory", () => new MemoryKeyStorage()],
])("key storage in %s", (_where, open) => {
  it(verifies("keys.blob", "has nothing at first, then what was created, exactly"), async () => {
    const storage = open();
    expect(value(await storage.read())).toBeUndefined();
    const text = JSON.stringify({ text: "schlüssel 🔑" });
    expect(value(await storage.create(text))).toBe("created");
    expect(value(await storage.read())).toEqual({ text, etag: expect.any(String) });
  });

  it(verifies("keys.blob", "lets one of many creators win"), async () => {
    const storage = open();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => value(await storage.create(`ring ${index}`))),
    );
    expect(outcomes.filter((outcome) => outcome === "created")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "exists")).toHaveLength(19);
    const winner = outcomes.indexOf("created");
    expect(value(await storage.read())?.text).toBe(`ring ${winner}`);
  });

  it(verifies("keys.blob", "replaces the version that was read, and no other"), async () => {
    const storage = open();
    await storage.create("first");
    const first = value(await storage.read())?.etag ?? "";
    expect(value(await storage.replace("second", first))).toBe("replaced");
    expect(value(await storage.replace("third", first))).toBe("conflict");
    const second = value(await storage.read());
    expect(second?.text).toBe("second");
    expect(second?.etag).not.toBe(first);
  });

  it(verifies("keys.blob", "replaces nothing where nothing is"), async () => {
    const storage = open();
    expect(value(await storage.replace("text", '"etag"'))).toBe("conflict");
    expect(value(await storage.read())).toBeUndefined();
  });
});

describe("key ring in Blob Storage", () => {
  it(verifies("keys.created-once", "is made once by instances that start together"), async () => {
    const clock = new FakeClock();
    const rings = Array.from({ length: 10 }, () =>
      testKeyRing({ storage: blobStorage(keyRingBlob), clock }),
    );
    const kind = { purpose: "test", bound: { owner: 4 } };
    const payload = Uint8Array.of(1);
    const owner = "person";
    const expiresAt = clock.now() + 60_000;
    const handles = await Promise.all(
      rings.map(async (ring) => value(await ring.seal(kind, payload, { owner }, expiresAt))),
    );
    for (const ring of rings) {
      for (const handle of handles) {
        expect(value(await ring.open(kind, handle, { owner }))).toEqual(payload);
      }
    }
    const document = JSON.parse(value(await blobStorage(keyRingBlob).read())?.text ?? "");
    expect(document.keys).toHaveLength(1);
  });
});

describe("Blob Storage out of reach", () => {
  async function outcomes(storage: KeyStorage) {
    return [await storage.read(), await storage.create("a"), await storage.replace("a", '"b"')];
  }

  it(verifies("keys.unavailable", "is unavailable where the container is missing"), async () => {
    for (const outcome of await outcomes(blobStorage("blob", "no-such-container"))) {
      const cause = expect.stringContaining("ContainerNotFound");
      expect(outcome).toEqual(failure({ kind: "unavailable", cause }));
    }
  });

  it(verifies("keys.unavailable", "is unavailable where nobody answers"), async () => {
    const gone = await startAzurite();
    const blob = gone.blobs.getContainerClient(keyRingContainer).getBlockBlobClient("blob");
    await gone.close();
    for (const outcome of await outcomes(new BlobKeyStorage(blob))) {
      expect(outcome).toMatchObject({ ok: false, reason: { kind: "unavailable" } });
    }
  });
});
