import { afterAll, beforeAll, expect, it } from "vitest";
import { files } from "../expenses/receipts/files.ts";
import { verifies } from "../requirements.ts";
import { type ConnectedClient, connectClient, textOf } from "../support/clients.ts";
import { sharedStack } from "../support/shared-stack.ts";
import { runCommand } from "../support/stack.ts";

const { running, folder, tokenOf, restart } = sharedStack();
const username = "user1@contoso.example";
const uris: string[] = [];
let client: ConnectedClient;

const connect = async () =>
  connectClient("modern", new URL(running().mcp), { accessToken: await tokenOf(username) });

beforeAll(async () => {
  client = await connect();
  const added = await client.callTool({
    name: "add_user_expense",
    arguments: {
      date: "2026-11-20",
      amount: 12.5,
      category: "food",
      description: "Lunch",
      payment_method: "visa",
    },
  });
  const { id } = (added.structuredContent as { expense: { id: string } }).expense;
  for (const file of Object.values(files)) {
    const data = file.toString("base64");
    const attached = await client.callTool({ name: "attach_receipt", arguments: { id, data } });
    expect(attached.isError, textOf(attached)).toBeFalsy();
    uris.push((attached.structuredContent as { receipt_uri: string }).receipt_uri);
  }
});
afterAll(() => client?.close());

it(
  verifies("receipts.read", "is read through the whole stack, also after it was started again"),
  async () => {
    const blobs = async () =>
      Promise.all(
        uris.map(async (uri) => (await client.readResource({ uri })).contents[0]?.blob ?? ""),
      );
    const expected = Object.values(files).map((file) => file.toString("base64"));
    expect(await blobs()).toEqual(expected);
    await client.close();
    await restart();
    client = await connect();
    expect(await blobs()).toEqual(expected);
  },
);

it(
  verifies("receipts.sweep-command", "looks through the stack's receipts, and deletes if asked"),
  async () => {
    const options = ["--data", folder(), "--stack", running().port];
    // In two hours, when a file that nothing refers to may be deleted.
    const later = "const now = Date.now; Date.now = () => now() + 2 * 60 * 60 * 1000;";
    const NODE_OPTIONS = `--import "data:text/javascript,${encodeURIComponent(later)}"`;
    const swept = (...more: string[]) =>
      runCommand("scripts/sweep-receipts.ts", [...options, ...more], {
        ...process.env,
        NODE_OPTIONS,
      });
    const found = await swept();
    expect(found).toMatchObject({ code: 0, stderr: "" });
    expect(found.stdout).toBe(
      "4 receipts, of which 0 unreferenced (0 bytes) found; --delete deletes them.\n",
    );
    expect(await swept("--delete")).toMatchObject({
      code: 0,
      stdout: "4 receipts, of which 0 unreferenced (0 bytes) deleted.\n",
    });
    for (const uri of uris) await client.readResource({ uri });
  },
);

it.each([
  [["--stack", "1"], /No laptop stack is running at port 1\./],
  [["--cosmos", "https://cosmos.example"], /Name both --cosmos and --storage/],
  [["--cosmos", "http://a.example", "--storage", "https://b.example"], /--cosmos takes an https/],
  [["now"], /What is now\?/],
])(verifies("receipts.sweep-command", "refuses %j in words"), async (args, words) => {
  const refused = await runCommand("scripts/sweep-receipts.ts", args);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(words);
});
