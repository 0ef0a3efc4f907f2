import { describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { connectClient, type ToolResult, textOf } from "../support/clients.ts";
import { control, sharedStack } from "../support/shared-stack.ts";

const { running, tokenOf } = sharedStack();

async function clientOf(username: string, kind: "modern" | "legacy" = "modern") {
  return connectClient(kind, new URL(running().mcp), { accessToken: await tokenOf(username) });
}

describe("two people at the same time", () => {
  it(verifies(
    "isolation.concurrent",
    "make 1,000 interleaved calls, and each gets their own answers",
  ), async () => {
    const people = await Promise.all(
      ["user1", "user2"].map(async (name) => {
        const username = `${name}@contoso.example`;
        const clients = [await clientOf(username, "modern"), await clientOf(username, "legacy")];
        await clients[0]?.callTool({
          name: "add_user_expense",
          arguments: {
            date: "2026-11-20",
            amount: 1,
            category: "other",
            description: `Only ${username} may read this`,
            payment_method: "cash",
          },
        });
        return { username, clients };
      }),
    );
    const answers: { username: string | undefined; result: ToolResult }[] = [];
    const waiting = Array.from({ length: 1000 }, (_, index) => index).values();
    // All at once, some would wait for their connection longer than fetch does on a busy machine.
    const callers = Array.from({ length: 100 }, async () => {
      for (const index of waiting) {
        const person = people[index % 2];
        const client = person?.clients[Math.floor(index / 2) % 2];
        const name = index % 4 < 2 ? "get_user_details" : "get_user_expenses";
        const result = await client?.callTool({ name, arguments: {} });
        answers.push({ username: person?.username, result: result as ToolResult });
      }
    });
    await Promise.all(callers);
    expect(answers).toHaveLength(1000);
    for (const { username, result } of answers) {
      expect(result.isError).not.toBe(true);
      const shown = JSON.stringify(result);
      expect(shown).toContain(username);
      for (const other of people.filter((person) => person.username !== username)) {
        expect(shown).not.toContain(other.username);
      }
    }
  }, 120_000);

  it(verifies("isolation.cursor", "cannot continue each other's pages"), async () => {
    const [one, other] = [
      await clientOf("user1@contoso.example"),
      await clientOf("user2@contoso.example"),
    ];
    for (const amount of [2, 3]) {
      await one.callTool({
        name: "add_user_expense",
        arguments: {
          date: "2026-11-19",
          amount,
          category: "other",
          description: "Page",
          payment_method: "cash",
        },
      });
    }
    const page = await one.callTool({ name: "get_user_expenses", arguments: { limit: 1 } });
    const { next_cursor } = page.structuredContent as { next_cursor: string };
    const stolen = await other.callTool({
      name: "get_user_expenses",
      arguments: { cursor: next_cursor },
    });
    expect(stolen.isError).toBe(true);
    expect(textOf(stolen)).toContain("given to somebody else");
    const own = await one.callTool({
      name: "get_user_expenses",
      arguments: { limit: 1, cursor: next_cursor },
    });
    expect(textOf(own)).toContain("3.00 USD");
  });
});

describe("an outage", () => {
  it(
    verifies(
      "outage.fails-closed",
      "of Graph leaves the list without the administrators' tool, and the call refused",
    ),
    async () => {
      await control(running().graph, "/_local/throttle", {
        count: 2,
        status: 503,
        retryAfterSeconds: 60,
      });
      const admin = await clientOf("admin@contoso.example");
      const names = (await admin.listTools()).tools.map(({ name }) => name);
      expect(names).toContain("get_user_expenses");
      expect(names).not.toContain("get_expense_stats");
      const refused = await admin.callTool({ name: "get_expense_stats", arguments: {} });
      expect(refused.isError).toBe(true);
      expect(textOf(refused)).toContain("cannot be checked right now");
      expect((await admin.callTool({ name: "get_expense_stats", arguments: {} })).isError).not.toBe(
        true,
      );
    },
  );

  it(verifies("outage.graph-words", "of the exchange is a tool error in plain words"), async () => {
    await control(running().authority, "/_local/demands", {
      username: "user2@contoso.example",
      code: "AADSTS65001",
    });
    const client = await clientOf("user2@contoso.example");
    const result = await client.callTool({ name: "get_user_details", arguments: {} });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toBe(
      "This server has not been given consent to use the company directory as you. An administrator has to grant it.",
    );
    await running().logged("AADSTS65001");
  });
});
