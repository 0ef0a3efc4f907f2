import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import type { ConnectedClient } from "../support/clients.ts";
import { runCommand } from "../support/stack.ts";
import { cases } from "./cases.ts";
import { converse, modelFrom } from "./model.ts";
import { problemsOf } from "./reference.ts";
import { startWorlds } from "./world.ts";

interface Message {
  readonly role: string;
  readonly content?: string;
}

type Turn = (messages: readonly Message[]) => object;

/** A model that says, turn by turn, what a test has it say. */
async function withModel<Value>(
  turns: readonly Turn[],
  use: (baseUrl: string) => Promise<Value>,
): Promise<Value> {
  const left = [...turns];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const { messages } = JSON.parse(body) as { messages: Message[] };
    const message = left.shift()?.(messages);
    response.writeHead(message ? 200 : 500, { "content-type": "application/json" });
    response.end(JSON.stringify({ choices: [{ message }] }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const calls = (name: string, given: object) => ({
  content: null,
  tool_calls: [
    { id: "call-1", type: "function", function: { name, arguments: JSON.stringify(given) } },
  ],
});

const lastOf = (messages: readonly Message[]) => String(messages.at(-1)?.content);

async function inWorld<Value>(
  use: (
    client: ConnectedClient,
    stored: () => Promise<readonly { description: string }[]>,
  ) => Value,
): Promise<Awaited<Value>> {
  const worlds = await startWorlds();
  try {
    const world = await worlds.make();
    return await use(await world.connect("uma"), () => world.storedOf("uma"));
  } finally {
    await worlds.close();
  }
}

const modelAt = (OPENAI_BASE_URL: string) => {
  const model = modelFrom({ OPENAI_BASE_URL, OPENAI_MODEL: "scripted" });
  if (!model) throw new Error("No model.");
  return model;
};

describe("a model behind an endpoint", () => {
  it(verifies("eval.model", "has its calls carried out, and says the last word"), async () => {
    const told: string[] = [];
    const turns: Turn[] = [
      () => calls("get_user_expenses", { text: "dinner" }),
      (messages) => {
        told.push(lastOf(messages));
        return { content: "The dinner was 64.20." };
      },
    ];
    const conversation = await inWorld((client) =>
      withModel(turns, (url) => converse(modelAt(url), client, "What was the dinner?")),
    );
    expect(conversation).toEqual({
      calls: ["get_user_expenses"],
      said: "The dinner was 64.20.",
      isAsked: false,
    });
    expect(told[0]).toContain("64.20 USD");
  });

  it(verifies("eval.model", "is told yes where it asks before it deletes"), async () => {
    let confirmation = "";
    let id = "";
    const turns: Turn[] = [
      (messages) => {
        id = lastOf(messages);
        return calls("delete_user_expense", { id });
      },
      (messages) => {
        confirmation = lastOf(messages).split("\n").at(-1) ?? "";
        return { content: "Shall I delete it?" };
      },
      (messages) => {
        expect(lastOf(messages)).toMatch(/^Yes/);
        return calls("delete_user_expense", { id, confirmation });
      },
      () => ({ content: "It is deleted." }),
    ];
    await inWorld(async (client, stored) => {
      const found = await client.callTool({
        name: "get_user_expenses",
        arguments: { text: "dinner" },
      });
      const { expenses } = found.structuredContent as { expenses: { id: string }[] };
      const { isAsked, said } = await withModel(turns, (url) =>
        converse(modelAt(url), client, String(expenses[0]?.id)),
      );
      expect([isAsked, said]).toEqual([true, "Shall I delete it?\nIt is deleted."]);
      expect((await stored()).map(({ description }) => description)).not.toContain(
        "Dinner with a client",
      );
    });
  });

  it(verifies("eval.model", "is judged by what it says and what is stored"), async () => {
    const [lunch] = cases;
    if (!lunch) throw new Error("No case.");
    expect(problemsOf(lunch, "Recorded 12.50.", [], [])).toEqual(["what is stored is not right"]);
    expect(problemsOf({ ...lunch, stored: () => true }, "Done.", [], [])).toEqual([
      "does not say /12\\.50?/",
    ]);
  });

  it(verifies("eval.model", "that does not answer is told with its status"), async () => {
    const conversation = inWorld((client) =>
      withModel([], (url) => converse(modelAt(url), client, "Hello")),
    );
    await expect(conversation).rejects.toThrow("The model's endpoint answered 500");
  });
});

describe("what the environment names", () => {
  it(verifies("eval.model", "may be Azure OpenAI"), () => {
    const model = modelFrom({
      AZURE_OPENAI_ENDPOINT: "https://contoso.openai.azure.com/",
      AZURE_OPENAI_API_KEY: "key",
      AZURE_OPENAI_DEPLOYMENT: "chat",
    });
    expect(model).toEqual({
      url: "https://contoso.openai.azure.com/openai/v1/chat/completions",
      headers: { "api-key": "key" },
      name: "chat",
    });
  });

  it.each([
    [{ OPENAI_API_KEY: "key" }, "OPENAI_MODEL"],
    [{ AZURE_OPENAI_ENDPOINT: "https://contoso.openai.azure.com" }, "AZURE_OPENAI_API_KEY"],
  ])(verifies("eval.not-run", "is refused where it is half: %j"), (environment, missing) => {
    expect(() => modelFrom(environment)).toThrow(missing);
  });

  it(verifies("eval.not-run", "may be nothing, and the command says so"), async () => {
    const { OPENAI_API_KEY, OPENAI_BASE_URL, AZURE_OPENAI_ENDPOINT, ...env } = process.env;
    const { code, stdout, stderr } = await runCommand("scripts/eval.ts", [], env);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("Nothing was evaluated: no model is configured.");
  });
});
