import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure } from "../../src/core/result.ts";
import { AzureUserBlobs } from "../../src/storage/azure-user-blobs.ts";
import { storeToolFailures } from "../../src/storage/failure.ts";
import { type UserBlobs, userDataContainer } from "../../src/storage/user-blobs.ts";
import { type Azurite, startAzurite } from "../keys/azurite.ts";
import { verifies } from "../requirements.ts";
import { value } from "../support/value.ts";
import { blobFailures, secret, withAnswer } from "./answering-blobs.ts";
import { MemoryUserBlobs } from "./memory-user-blobs.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
  await azurite.blobs.getContainerClient(userDataContainer).create();
});
afterAll(() => azurite.close());

const blobsIn = (container: string) =>
  new AzureUserBlobs(azurite.blobs.getContainerClient(container));

describe.each<[string, () => UserBlobs]>([
  ["Blob Storage", () => blobsIn(userDataContainer)],
  // What other tests use in its place must behave the same.
  ["memory", () => new MemoryUserBlobs()],
])("people's files in %s", (_where, open) => {
  const png = { mediaType: "image/png" };

  it(verifies("files.kept", "come back byte for byte, until they are deleted"), async () => {
    const blobs = open();
    const userId = randomUUID();
    const bytes = randomBytes(100_000);
    expect(value(await blobs.get("receipts", userId, "a/b.c"))).toBeUndefined();
    expect(value(await blobs.put("receipts", userId, "a/b.c", bytes, png))).toBe("stored");
    const found = value(await blobs.get("receipts", userId, "a/b.c"));
    expect(found?.mediaType).toBe("image/png");
    expect(bytes.equals(found?.bytes ?? new Uint8Array())).toBe(true);
    expect(value(await blobs.delete("receipts", userId, "a/b.c"))).toBe(true);
    expect(value(await blobs.delete("receipts", userId, "a/b.c"))).toBe(false);
    expect(value(await blobs.get("receipts", userId, "a/b.c"))).toBeUndefined();
  });

  it(verifies("files.kept", "hold nothing as well as something"), async () => {
    const blobs = open();
    const userId = randomUUID();
    await blobs.put("receipts", userId, "empty", new Uint8Array(), png);
    expect(value(await blobs.get("receipts", userId, "empty"))?.bytes.byteLength).toBe(0);
  });

  it(verifies("files.kept", "are replaced, unless asked not to be"), async () => {
    const blobs = open();
    const userId = randomUUID();
    const put = (text: string, ifAbsent: boolean) =>
      blobs.put("receipts", userId, "a", Buffer.from(text), { ...png, ifAbsent });
    expect(value(await put("1", true))).toBe("stored");
    expect(value(await put("2", true))).toBe("exists");
    expect(text(value(await blobs.get("receipts", userId, "a")))).toBe("1");
    expect(value(await put("3", false))).toBe("stored");
    expect(text(value(await blobs.get("receipts", userId, "a")))).toBe("3");
  });

  it(verifies("files.kept", "are copied with their media type"), async () => {
    const blobs = open();
    const userId = randomUUID();
    const from = { area: "pending", userId, path: "x/1" };
    const to = { area: "receipts", userId, path: "y/1" };
    expect(value(await blobs.copy(from, to))).toBe(false);
    await blobs.put(from.area, userId, from.path, Buffer.from("1"), png);
    expect(value(await blobs.copy(from, to))).toBe(true);
    const copied = value(await blobs.get(to.area, userId, to.path));
    expect([copied?.mediaType, text(copied)]).toEqual(["image/png", "1"]);
    expect(value(await blobs.get(from.area, userId, from.path))).toBeDefined();
  });

  it(verifies("files.isolated", "are listed by owner, area and prefix"), async () => {
    const blobs = open();
    const [one, other] = ["person-1", "person-11"].map((name) => `${name}${randomUUID()}`) as [
      string,
      string,
    ];
    const put = (area: string, userId: string, path: string) =>
      blobs.put(area, userId, path, Buffer.from(path), png);
    await put("receipts", one, "b/2");
    await put("receipts", one, "a/1");
    await put("pending", one, "c/3");
    await put("receipts", other, "d/4");
    const paths = async (area: string, userId: string, prefix?: string) =>
      value(await blobs.list(area, userId, prefix)).map(({ path }) => path);
    expect(await paths("receipts", one)).toEqual(["a/1", "b/2"]);
    expect(await paths("receipts", one, "b/")).toEqual(["b/2"]);
    expect(await paths("receipts", other)).toEqual(["d/4"]);
    expect(await paths("receipts", "person-1")).toEqual([]);
    const [listed] = value(await blobs.list("pending", one));
    expect(listed).toEqual({
      path: "c/3",
      bytes: 3,
      mediaType: "image/png",
      modifiedAt: expect.any(Number),
    });
  });

  it(verifies("files.kept", "of everybody are paged through, by the owners' ids"), async () => {
    const blobs = open();
    const owners = ["0a", "0b", "1a"].map((start) => `${start}${randomUUID()}`);
    for (const userId of owners) {
      for (const path of ["x/1", "y/2"]) {
        await blobs.put(`paged`, userId, path, Buffer.from("1"), png);
      }
    }
    const all = async (start: string) => {
      const found: string[] = [];
      for (let after: string | undefined, isMore = true; isMore; isMore = after !== undefined) {
        const page = value(await blobs.page("paged", { owners: start, after }));
        found.push(...page.files.map(({ userId, path }) => `${userId}/${path}`));
        after = page.next;
      }
      return found;
    };
    const [one, two, three] = owners.map((userId) => [`${userId}/x/1`, `${userId}/y/2`]);
    expect(await all("0")).toEqual([one, two].flat());
    expect(await all("")).toEqual([one, two, three].flat());
    expect(await all("2")).toEqual([]);
  });

  it.each(["", "../a", "a/../../b", "/a", "a//b", "a b", "a\\b", ".", "ä"])(
    verifies("files.isolated", "have no place at %j"),
    async (path) => {
      const blobs = open();
      const call = async () => blobs.get("receipts", "person", path);
      await expect(call()).rejects.toThrow(TypeError);
      const other = async () => blobs.get("receipts", path, "a");
      await expect(other()).rejects.toThrow(TypeError);
    },
  );
});

describe("Blob Storage that fails", () => {
  const calls = (blobs: UserBlobs, signal?: AbortSignal) => {
    const place = (path: string) => ({ area: "receipts", userId: "person", path });
    return [
      blobs.put("receipts", "person", "a", Buffer.from("1"), { mediaType: "image/png", signal }),
      blobs.get("receipts", "person", "a", { signal }),
      blobs.delete("receipts", "person", "a", { signal }),
      blobs.list("receipts", "person", "", { signal }),
      blobs.page("receipts", { signal }),
      blobs.copy(place("a"), place("b"), { signal }),
    ];
  };
  const words = storeToolFailures({ all: "The receipts", one: "receipt" });

  it.each(blobFailures)(
    verifies("files.failures", "is told apart: %s"),
    async (_what, answer, expected, message) => {
      await withAnswer(answer, async (blobs) => {
        for (const outcome of await Promise.all(calls(blobs))) {
          expect(outcome).toEqual(failure(expected));
          expect(JSON.stringify(outcome)).not.toContain(secret);
          if (outcome.ok) continue;
          expect(words(outcome.reason, () => {}).reason.message).toMatch(message);
        }
      });
    },
  );

  it(verifies("files.failures", "is not waited for once the call is cancelled"), async () => {
    await withAnswer("wait", async (blobs) => {
      const controller = new AbortController();
      const outcomes = calls(blobs, controller.signal);
      controller.abort();
      for (const outcome of await Promise.all(outcomes)) {
        expect(outcome).toEqual(failure({ kind: "cancelled" }));
      }
    });
  });

  it(verifies("files.failures", "says so where the container is missing"), async () => {
    for (const outcome of await Promise.all(calls(blobsIn("no-such-container")))) {
      const cause = expect.stringContaining("ContainerNotFound");
      expect(outcome).toEqual(failure({ kind: "unavailable", cause }));
    }
  });

  it(
    verifies("files.failures", "throws where the request was wrong, which is a defect"),
    async () => {
      await withAnswer({ status: 400, code: "InvalidInput" }, async (blobs) => {
        for (const outcome of await Promise.allSettled(calls(blobs))) {
          expect(outcome.status).toBe("rejected");
        }
      });
    },
  );

  it(verifies("files.failures", "says so where nobody answers"), async () => {
    const gone = await startAzurite();
    const blobs = new AzureUserBlobs(gone.blobs.getContainerClient(userDataContainer));
    await gone.close();
    for (const outcome of await Promise.all(calls(blobs))) {
      expect(outcome).toMatchObject({ ok: false, reason: { kind: "unavailable" } });
    }
  });
});

function text(blob: { readonly bytes: Uint8Array } | undefined): string {
  return Buffer.from(blob?.bytes ?? []).toString();
}
