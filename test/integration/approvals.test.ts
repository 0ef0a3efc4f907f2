import { describe, expect, it } from "vitest";
import { askingClient, confirmationIn } from "../mcp/approvals/set-up.ts";
import { verifies } from "../requirements.ts";
import { type ConnectedClient, clientKinds, connectClient, textOf } from "../support/clients.ts";
import { sharedStack } from "../support/shared-stack.ts";

const { running, tokenOf } = sharedStack();

async function addLunch(client: Pick<ConnectedClient, "callTool">, description: string) {
  const { structuredContent } = await client.callTool({
    name: "add_user_expense",
    arguments: {
      date: "2026-11-20",
      amount: 12.5,
      category: "food",
      description,
      payment_method: "visa",
    },
  });
  return (structuredContent as { expense: { id: string } }).expense.id;
}

async function listed(client: Pick<ConnectedClient, "callTool">): Promise<string> {
  return textOf(await client.callTool({ name: "get_user_expenses", arguments: {} }));
}

it(
  verifies("approval.system", "a person whose client can ask them says no, then yes"),
  async () => {
    const accessToken = await tokenOf("user1@contoso.example");
    const { client, questions } = await askingClient(new URL(running().mcp), { accessToken }, [
      "decline",
      "accept",
    ]);
    const id = await addLunch(client, "Lunch to be asked about");
    const erase = () => client.callTool({ name: "delete_user_expense", arguments: { id } });

    expect(textOf(await erase())).toBe("Nothing was done: the person declined.");
    expect(await listed(client)).toContain(id);
    expect(textOf(await erase())).toMatch(/^Deleted: 2026-11-20: 12\.50 USD, Lunch to be asked/);
    expect(await listed(client)).not.toContain(id);
    expect(questions.map(({ message }) => message)).toEqual(
      Array(2).fill(expect.stringContaining(`Lunch to be asked about (food, visa, id ${id})`)),
    );
    await client.close();
  },
);

describe.each(clientKinds)("a client of the kind %s that cannot ask", (kind) => {
  it(
    verifies("approval.system", "deletes with a second call, once, and only its person's own"),
    async () => {
      const connect = async (username: string) =>
        connectClient(kind, new URL(running().mcp), { accessToken: await tokenOf(username) });
      const client = await connect("user1@contoso.example");
      const id = await addLunch(client, `Lunch of a ${kind} client`);
      const erase = (by: ConnectedClient, confirmation?: string) =>
        by.callTool({
          name: "delete_user_expense",
          arguments: { id, ...(confirmation === undefined ? {} : { confirmation }) },
        });

      const confirmation = confirmationIn(await erase(client));
      const other = await connect("user2@contoso.example");
      expect(textOf(await erase(other))).toMatch(/^You have no such expense/);
      expect(textOf(await erase(other, confirmation))).toContain("belongs to somebody else");
      expect(await listed(client)).toContain(id);

      const outcomes = await Promise.all(
        Array.from({ length: 5 }, () => erase(client, confirmation)),
      );
      const texts = outcomes.map(textOf);
      expect(texts.filter((text) => text.startsWith("Deleted: "))).toHaveLength(1);
      expect(texts.filter((text) => text.includes("already been used"))).toHaveLength(4);
      expect(await listed(client)).not.toContain(id);
      await running().logged("approval-already-used");
      expect(running().logs()).not.toContain(confirmation);
    },
  );
});
