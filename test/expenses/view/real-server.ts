import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { createExpenses, domain } from "../../../src/expenses/domain.ts";
import { claimsWith, sign } from "../../gates/tokens.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../../storage/cosmos-emulator.ts";
import { type ClientKind, connectClient } from "../../support/clients.ts";
import { composeForTest, host } from "../../support/composed.ts";
import type { FakeExpense } from "./fake-server.ts";
import type { ViewServer } from "./open-view.ts";

/** Databases for servers, which have one each. */
export function startDatabases(): Promise<CosmosBackEnd> {
  return startCosmosEmulator(createExpenses().containers.expenses);
}

/** A server as a host's client reaches it, for the person in the chat. */
export interface RealServer extends ViewServer, AsyncDisposable {
  listTools(): Promise<{ tools: { name: string; _meta?: object }[] }>;
  /** Every expense that is stored, the newest first. */
  stored(): Promise<FakeExpense[]>;
}

export interface ServerOptions {
  readonly kind?: ClientKind;
  /** What is stored at first, as the tool that adds takes it. */
  readonly expenses?: readonly object[];
}

/** The whole server, without a network, over a database that has `expenses`. */
export async function startServer(
  databases: CosmosBackEnd,
  { kind = "modern", expenses = [] }: ServerOptions = {},
): Promise<RealServer> {
  const container = await databases.openContainer(createDefaultHttpClient());
  const app = await composeForTest(domain, { adapters: { openContainer: async () => container } });
  const client = await connectClient(kind, new URL(`https://${host}/mcp`), {
    accessToken: await sign(app.key, claimsWith({})),
    fetch: (input, init) => {
      const request = new Request(input, init);
      request.headers.set("host", host);
      return app.send(request);
    },
  });
  for (const expense of expenses) {
    const { isError } = await client.callTool({
      name: "add_user_expense",
      arguments: { ...expense },
    });
    if (isError) throw new Error("An expense was refused.");
  }
  return {
    callTool: (call) => client.callTool(call),
    readResource: async (uri) => (await client.readResource({ uri })) as object,
    listTools: () => client.listTools(),
    async stored() {
      const call = { name: "get_user_expenses", arguments: { limit: 100 } };
      const { structuredContent } = await client.callTool(call);
      return (structuredContent as { expenses: FakeExpense[] }).expenses;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
