import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createExpenses } from "../../../src/expenses/domain.ts";
import { claimsWith, sign } from "../../gates/tokens.ts";
import { confirmationIn } from "../../mcp/approvals/set-up.ts";
import { verifies } from "../../requirements.ts";
import { MemoryUserBlobs } from "../../storage/memory-user-blobs.ts";
import {
  type ClientKind,
  type ConnectedClient,
  clientKinds,
  connectClient,
  plainTextOf,
  type ToolResult,
  textOf,
} from "../../support/clients.ts";
import { type ComposedApp, composeForTest, host } from "../../support/composed.ts";
import { value } from "../../support/value.ts";
import { files, jpeg, pdf, png, webp } from "./files.ts";
import { type BackEnds, startBackEnds } from "./set-up.ts";

let backEnds: BackEnds;
let app: ComposedApp;
const clients: ConnectedClient[] = [];

beforeAll(async () => {
  backEnds = await startBackEnds();
});
afterAll(() => backEnds.close());
beforeEach(async () => {
  const container = await backEnds.openContainer();
  app = await composeForTest(createExpenses(), {
    adapters: { openContainer: async () => container, userBlobs: backEnds.blobs },
  });
  return async () => {
    for (const client of clients.splice(0)) await client.close();
  };
});

/** A client of a new person, unless it is somebody's. */
async function signedIn(oid: string = randomUUID(), kind: ClientKind = "modern") {
  const client = await connectClient(kind, new URL(`https://${host}/mcp`), {
    accessToken: await sign(app.key, claimsWith({ oid })),
    fetch: async (input, init) => {
      const request = new Request(input, init);
      request.headers.set("host", host);
      return app.send(request);
    },
  });
  clients.push(client);
  const call = (name: string, arguments_: Record<string, unknown>): Promise<ToolResult> =>
    client.callTool({ name, arguments: arguments_ });
  const attach = async (id: string, file: Uint8Array, more: object = {}) =>
    call("attach_receipt", { id, data: Buffer.from(file).toString("base64"), ...more });
  return { oid, client, call, attach };
}

interface Answered {
  readonly expense: {
    readonly id: string;
    readonly version: string;
    readonly receipts?: readonly { uri: string; media_type: string; bytes: number }[];
  };
  readonly receipt_uri: string;
  readonly already_attached: boolean;
}

const answered = ({ structuredContent }: ToolResult) => structuredContent as Answered;

async function lunchOf({ call }: Awaited<ReturnType<typeof signedIn>>, description = "Lunch") {
  const lunch = {
    date: "2026-11-20",
    amount: 12.5,
    category: "food",
    description,
    payment_method: "visa",
  };
  return answered(await call("add_user_expense", lunch)).expense.id;
}

/** How the expenses of a person are shown. */
async function listed({ call }: Awaited<ReturnType<typeof signedIn>>) {
  const { structuredContent } = await call("get_user_expenses", {});
  return (structuredContent as { expenses: Answered["expense"][] }).expenses;
}

describe.each(clientKinds)("a receipt, by the %s client", (kind) => {
  it(
    verifies(
      ["receipts.attached", "receipts.read"],
      "is attached, shown and read back, byte for byte",
    ),
    async () => {
      const person = await signedIn(randomUUID(), kind);
      const id = await lunchOf(person);
      for (const [mediaType, file] of Object.entries(files)) {
        const result = await person.attach(id, file, { name: `receipt of ${mediaType}` });
        expect(result.isError, textOf(result)).toBeFalsy();
        const { receipt_uri: uri, expense, already_attached } = answered(result);
        expect(already_attached).toBe(false);
        const shown = { uri, media_type: mediaType, bytes: file.byteLength };
        expect(expense.receipts).toContainEqual(shown);
        const words = `Receipt attached: ${uri} (expense ${id}, now version ${expense.version})`;
        expect(textOf(result)).toBe(words);
        const { contents } = await person.client.readResource({ uri });
        expect(contents).toEqual([{ uri, mimeType: mediaType, blob: file.toString("base64") }]);
      }
      const [expense] = await listed(person);
      expect(expense?.receipts?.map((receipt) => receipt.media_type)).toEqual(Object.keys(files));
    },
  );
});

describe("a receipt", () => {
  it(
    verifies("receipts.attached", "is a link of its own, and stands once in the text"),
    async () => {
      const person = await signedIn();
      const result = await person.attach(await lunchOf(person), png);
      const { receipt_uri: uri } = answered(result);
      expect(result.content).toContainEqual(
        expect.objectContaining({ type: "resource_link", uri, mimeType: "image/png" }),
      );
      expect(textOf(result).split(uri)).toHaveLength(2);
    },
  );

  it(verifies("receipts.attached", "may be as large as is said, and is read back"), async () => {
    const person = await signedIn();
    const id = await lunchOf(person);
    const largest = Buffer.concat([png, Buffer.alloc(2.5 * 1024 * 1024 - png.byteLength, 7)]);
    const result = await person.attach(id, largest);
    expect(result.isError, textOf(result)).toBeFalsy();
    const { contents } = await person.client.readResource({ uri: answered(result).receipt_uri });
    expect(contents[0]?.blob).toBe(largest.toString("base64"));

    const larger = await person.attach(id, Buffer.concat([largest, Buffer.from([7])]));
    expect(larger.isError).toBe(true);
    expect(textOf(larger)).toMatch(/^Nothing was attached: the file has 2\.51 MiB, and a receipt/);
  });

  it.each<[string, string, RegExp]>([
    ["text", Buffer.from("Lunch 12.50").toString("base64"), /not a PNG, JPEG, WebP or PDF/],
    ["a page", Buffer.from("<svg onload=alert(1)>").toString("base64"), /not a PNG, JPEG/],
    ["another RIFF", Buffer.from("RIFF....AVI ").toString("base64"), /not a PNG, JPEG/],
    ["a PDF further down", Buffer.from(`\n${pdf}`).toString("base64"), /not a PNG, JPEG/],
    ["the start of a signature", png.subarray(0, 4).toString("base64"), /not a PNG, JPEG/],
    ["nothing", "", /not a PNG, JPEG/],
    ["no base64", "%%%", /not the base64 of a file/],
    ["base64 with line breaks", `${png.toString("base64").slice(0, 76)}\n`, /not the base64/],
    ["a data URL", `data:image/png;base64,${png.toString("base64")}`, /not the base64 of a file/],
  ])(verifies("receipts.kinds", "is not %s"), async (_what, data, words) => {
    const person = await signedIn();
    const id = await lunchOf(person);
    const result = await person.call("attach_receipt", { id, data });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toMatch(/^Nothing was attached: /);
    expect(textOf(result)).toMatch(words);
    expect((await listed(person))[0]?.receipts).toBeUndefined();
    expect(value(await backEnds.blobs.list("pending", person.oid))).toEqual([]);
  });

  it(verifies("receipts.repeated", "is stored once, however often it is attached"), async () => {
    const person = await signedIn();
    const id = await lunchOf(person);
    const first = answered(await person.attach(id, png));
    const again = await person.attach(id, png, { name: "Another name" });
    expect(answered(again)).toEqual({ ...first, already_attached: true });
    expect(textOf(again)).toContain("Already attached, nothing new was stored");
    const atOnce = await Promise.all(Array.from({ length: 5 }, () => person.attach(id, jpeg)));
    const uris = new Set(atOnce.map((result) => answered(result).receipt_uri));
    expect(uris.size).toBe(1);
    expect((await listed(person))[0]?.receipts).toHaveLength(2);
    expect(value(await backEnds.blobs.list("receipts", person.oid))).toHaveLength(2);
    expect(value(await backEnds.blobs.list("pending", person.oid))).toEqual([]);
  });

  it(verifies("receipts.limits", "is one of five at most"), async () => {
    const person = await signedIn();
    const id = await lunchOf(person);
    const numbered = (index: number) => Buffer.concat([png, Buffer.from([index])]);
    const results = await Promise.all(
      Array.from({ length: 7 }, (_, index) => person.attach(id, numbered(index))),
    );
    const refused = results.filter(({ isError }) => isError);
    expect(refused).toHaveLength(2);
    for (const result of refused) expect(textOf(result)).toMatch(/has 5 receipts, as many as one/);
    expect((await listed(person))[0]?.receipts).toHaveLength(5);
    expect(value(await backEnds.blobs.list("receipts", person.oid))).toHaveLength(5);
  });

  it(verifies("receipts.attached", "has to have an expense of its own person"), async () => {
    const [person, other] = [await signedIn(), await signedIn()];
    const id = await lunchOf(person);
    for (const someId of [id, "no-such-expense"]) {
      const result = await other.attach(someId, png);
      expect(result.isError).toBe(true);
      expect(textOf(result)).toMatch(/^You have no such expense\./);
    }
    expect(value(await backEnds.blobs.list("receipts", other.oid))).toEqual([]);
    expect((await listed(person))[0]?.receipts).toBeUndefined();
  });

  it(verifies("receipts.read", "is nobody else's to read, nor is what is none"), async () => {
    const [person, other] = [await signedIn(), await signedIn()];
    const id = await lunchOf(person);
    const { receipt_uri: uri } = answered(await person.attach(id, png));
    const theirs = await lunchOf(other);
    const refused = [
      [other, uri],
      [other, uri.replace(id, theirs)],
      [other, uri.replace("/me/", `/${person.oid}/`)],
      [person, `${uri}x`],
      [person, uri.replace(id, "no-such-expense")],
      [person, uri.replace(/receipts\/.*/, "receipts/..%2F..%2Fkey")],
      [person, `expenses://me/expenses/${id}/receipts/${"a".repeat(100)}`],
    ] as const;
    for (const [{ client }, asked] of refused) {
      await expect(client.readResource({ uri: asked }), asked).rejects.toThrow();
    }
  });

  it(verifies("receipts.deleted", "is deleted with its expense, and no other is"), async () => {
    const person = await signedIn();
    const [gone, kept] = [await lunchOf(person), await lunchOf(person, "Dinner")];
    const { receipt_uri: goneUri } = answered(await person.attach(gone, png));
    await person.attach(gone, webp);
    const { receipt_uri: keptUri } = answered(await person.attach(kept, png));
    const asked = await person.call("delete_user_expense", { id: gone });
    expect(value(await backEnds.blobs.list("receipts", person.oid))).toHaveLength(3);
    const confirmation = confirmationIn(asked);
    const deleted = await person.call("delete_user_expense", { id: gone, confirmation });
    expect(plainTextOf(deleted)).toMatch(/^Deleted: /);
    const left = value(await backEnds.blobs.list("receipts", person.oid));
    expect(left.map(({ path }) => path.split("/")[0])).toEqual([kept]);
    await expect(person.client.readResource({ uri: goneUri })).rejects.toThrow();
    expect((await person.client.readResource({ uri: keptUri })).contents).toHaveLength(1);
  });
});

describe("much of one person", () => {
  it.each([
    ["as many receipts as one may have", 1000, 1],
    ["as many bytes", 5, 100 * 1024 * 1024],
  ])(verifies("receipts.limits", "is refused at %s"), async (_what, count, bytes) => {
    const blobs = new MemoryUserBlobs();
    const container = await backEnds.openContainer();
    app = await composeForTest(createExpenses(), {
      adapters: { openContainer: async () => container, userBlobs: blobs },
    });
    const person = await signedIn();
    const id = await lunchOf(person);
    const file = { byteLength: bytes } as Uint8Array;
    for (let index = 0; index < count; index += 1) {
      const name = `receipts/${person.oid}/other/${index}`;
      blobs.kept.set(name, { bytes: file, mediaType: "image/png", modifiedAt: 0 });
    }
    const result = await person.attach(id, png);
    expect(result.isError).toBe(true);
    expect(textOf(result)).toMatch(/one person may keep 1000 receipts with 500 MiB in all/);
    expect(blobs.calls.filter((call) => !call.startsWith("list"))).toEqual([]);
  });
});
