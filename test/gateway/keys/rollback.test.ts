import crypto from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createGatewayKeys, gatewayKeysBlob } from "../../../src/gateway/keys/gateway-keys.ts";
import {
  BlobKeyStorage,
  keyRingBlob,
  keyRingContainer,
} from "../../../src/keys/blob-key-storage.ts";
import { rotationInterval } from "../../../src/keys/rotation.ts";
import { type Azurite, startAzurite } from "../../keys/azurite.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { testKeyRing } from "../../keys/test-key-ring.ts";
import { verifies } from "../../requirements.ts";
import { value } from "../../support/value.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
  await azurite.blobs.getContainerClient(keyRingContainer).create();
});
afterAll(() => azurite.close());

it(
  verifies("gateway.keys.rollback", "leave the key ring as an earlier version knows it"),
  async () => {
    const container = azurite.blobs.getContainerClient(keyRingContainer);
    const storageOf = (blob: string) => new BlobKeyStorage(container.getBlockBlobClient(blob));
    const clock = new FakeClock();
    const kind = { purpose: "test", bound: { owner: 4 } };
    const values = { owner: "person" };
    const ring = testKeyRing({ storage: storageOf(keyRingBlob), clock });
    const seal = () => ring.seal(kind, Uint8Array.of(1), values, clock.now() + 60_000);
    await seal();
    const before = value(await storageOf(keyRingBlob).read());

    // The first version with a gateway: several instances make its keys, and rotate them.
    const instances = Array.from({ length: 5 }, () =>
      createGatewayKeys({
        storage: storageOf(gatewayKeysBlob),
        now: clock.now,
        monotonicNow: clock.now,
        randomBytes: crypto.randomBytes,
        log: () => {},
      }),
    );
    const used = async () =>
      new Set(await Promise.all(instances.map(async (keys) => value(await keys.signingKey()).id)));
    expect((await used()).size).toBe(1);
    clock.advance(rotationInterval);
    expect((await used()).size).toBe(1);
    expect(
      JSON.parse(value(await storageOf(gatewayKeysBlob).read())?.text ?? "").keys,
    ).toHaveLength(4);

    // The earlier version again: its document is what it was, to the byte, and its keys go on.
    expect(value(await storageOf(keyRingBlob).read())).toEqual(before);
    const earlier = testKeyRing({ storage: storageOf(keyRingBlob), clock });
    const handle = value(await seal());
    expect(value(await earlier.open(kind, handle, values))).toEqual(Uint8Array.of(1));
  },
);
