import { z } from "zod";
import type { HttpClient } from "../load/http-client.ts";
import type { Stack } from "../stack/stack.ts";
import { readResult } from "./mcp-answer.ts";
import { type BenchedPeople, mcpExchange, newExpense, seededExpenses } from "./requests.ts";

const addedSchema = z.object({ expense: z.object({ id: z.string() }) });

/** Signs people in, and gives one of them the expenses that the requests read. */
export async function preparePeople(stack: Stack, client: HttpClient): Promise<BenchedPeople> {
  const [reader, writer, administrator] = await Promise.all(
    ["user1", "user2", "admin"].map((name) => stack.token(`${name}@contoso.example`)),
  );
  if (!reader || !writer || !administrator) throw new Error("Somebody has no token.");
  let expenseId = "";
  const params = { name: "add_user_expense", arguments: newExpense };
  for (let count = 0; count < seededExpenses; count += 1) {
    const answer = await client.send(mcpExchange("modern", reader, "tools/call", params));
    const result = readResult(answer);
    if (typeof result === "string") throw new Error(`No expense could be added: ${result}`);
    expenseId = addedSchema.parse(result.structuredContent).expense.id;
  }
  return {
    reader: { token: reader, expenseId },
    writer: { token: writer },
    administrator: { token: administrator },
  };
}
