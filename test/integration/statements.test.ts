import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { type ClientKind, clientKinds, connectClient, textOf } from "../support/clients.ts";
import { accessTokenOf } from "../support/shared-stack.ts";
import { type RunningStack, startStack, temporaryFolder } from "../support/stack.ts";

const username = "user1@contoso.example";
const lines = 300;
const rows = Array.from({ length: lines }, (_, index) => ({
  date: "2026-11-01",
  description: `Row ${index}`,
  amount: 1.25,
}));

let stack: RunningStack | undefined;
afterEach(() => stack?.stop());

async function connect(kind: ClientKind) {
  if (!stack) throw new Error("There is no stack.");
  return connectClient(kind, new URL(stack.mcp), {
    accessToken: await accessTokenOf(stack, username),
  });
}

describe("a statement, over the whole stack", () => {
  it(
    verifies(
      ["import.failures", "import.keys", "export.complete"],
      "is imported once although the server is killed in the middle, and exported whole",
    ),
    async () => {
      await using folder = await temporaryFolder();
      stack = await startStack(folder.path);
      const before = await connect("modern");
      const checked = await before.callTool({ name: "import_user_expenses", arguments: { rows } });
      const { import_id } = checked.structuredContent as { import_id: string };
      const ended = once(stack.process, "exit");
      const cut = before
        .callTool({ name: "import_user_expenses", arguments: { import_id } })
        .catch(() => undefined);
      await someAreStored(connect);
      process.kill(await stack.serverProcessId(), "SIGKILL");
      await Promise.all([ended, cut]);

      stack = await startStack(folder.path, { port: stack.port });
      const client = await connect("modern");
      const left = await countOf(client);
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThan(lines);
      const done = await client.callTool({
        name: "import_user_expenses",
        arguments: { import_id },
      });
      expect(textOf(done)).toContain(
        `Import finished: ${lines} lines stored: 375.00 USD (${lines}).`,
      );
      expect(await countOf(client)).toBe(lines);

      for (const kind of clientKinds) {
        const reader = await connect(kind);
        const uri = "expenses://me/months/2026-11/all.csv";
        const { contents } = await reader.readResource({ uri });
        const [file] = contents;
        expect(file?.mimeType).toBe("text/csv");
        expect(file?.text?.trimEnd().split("\r\n")).toHaveLength(lines + 1);
        const ref = { type: "ref/prompt", name: "monthly_report" } as const;
        const argument = { name: "month", value: "20" };
        const { completion } = await reader.complete({ ref, argument });
        expect(completion.values[0]).toMatch(/^20\d\d-\d\d$/);
        await reader.close();
      }
      await client.close();
    },
  );
});

type Client = Awaited<ReturnType<typeof connect>>;

async function countOf(client: Client): Promise<number> {
  const exported = await client.callTool({ name: "export_user_data", arguments: {} });
  return (exported.structuredContent as { count: number }).count;
}

async function someAreStored(open: (kind: ClientKind) => Promise<Client>): Promise<void> {
  const client = await open("legacy");
  while ((await countOf(client)) === 0);
  await client.close().catch(() => {});
}
