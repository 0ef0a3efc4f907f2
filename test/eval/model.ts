import { z } from "zod";
import type { ConnectedClient } from "../support/clients.ts";
import { textOf } from "../support/clients.ts";

/** A model behind the chat completions API of OpenAI, which Azure OpenAI and many others speak. */
export interface Model {
  /** Of the chat completions: `https://api.openai.com/v1/chat/completions`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly name: string;
}

/**
 * The model that the environment names, if any.
 *
 * @throws {Error} where only a part of what is needed is there, naming what is missing
 * @see https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
 */
export function modelFrom(
  environment: Readonly<Record<string, string | undefined>>,
): Model | undefined {
  const { AZURE_OPENAI_ENDPOINT, OPENAI_BASE_URL, OPENAI_API_KEY } = environment;
  if (AZURE_OPENAI_ENDPOINT) {
    const { AZURE_OPENAI_API_KEY: key, AZURE_OPENAI_DEPLOYMENT: name } = environment;
    if (!key || !name) {
      throw new Error("Set AZURE_OPENAI_API_KEY and AZURE_OPENAI_DEPLOYMENT too.");
    }
    const url = new URL("/openai/v1/chat/completions", AZURE_OPENAI_ENDPOINT).href;
    return { url, headers: { "api-key": key }, name };
  }
  if (!OPENAI_API_KEY && !OPENAI_BASE_URL) return undefined;
  const { OPENAI_MODEL: name } = environment;
  if (!name) throw new Error("Set OPENAI_MODEL too.");
  return {
    url: `${(OPENAI_BASE_URL || "https://api.openai.com/v1").replace(/\/+$/, "")}/chat/completions`,
    headers: OPENAI_API_KEY ? { authorization: `Bearer ${OPENAI_API_KEY}` } : {},
    name,
  };
}

const answerSchema = z.object({
  choices: z.tuple(
    [
      z.object({
        message: z.object({
          content: z.string().nullish(),
          tool_calls: z
            .array(
              z.object({
                id: z.string(),
                type: z.literal("function"),
                function: z.object({ name: z.string(), arguments: z.string() }),
              }),
            )
            .nullish(),
        }),
      }),
    ],
    z.unknown(),
  ),
});

export interface Conversation {
  /** The names of the tools that were called. */
  readonly calls: readonly string[];
  /** All that the model said to the person. */
  readonly said: string;
  /** Whether a tool asked first, which takes one more call. */
  readonly isAsked: boolean;
}

/** Beyond which a conversation leads nowhere. */
const longestConversation = 12;

/**
 * Puts a request to the model, with the server's tools, and plays the person: who answers once, yes,
 * when the model has called tools that ask first.
 *
 * @throws {Error} where the endpoint does not answer as the API has it
 */
export async function converse(
  model: Model,
  client: ConnectedClient,
  ask: string,
): Promise<Conversation> {
  const { tools } = await client.listTools();
  const offered = (tools as unknown as readonly ListedTool[]).map(
    ({ name, description, inputSchema }) => ({
      type: "function",
      function: { name, description, parameters: inputSchema },
    }),
  );
  const messages: object[] = [
    { role: "system", content: client.getInstructions() ?? "" },
    { role: "user", content: ask },
  ];
  const calls: string[] = [];
  const said: string[] = [];
  let isToBeConfirmed = false;
  let isAsked = false;
  for (let turn = 0; turn < longestConversation; turn += 1) {
    const { content, tool_calls } = await complete(model, messages, offered);
    if (content) said.push(content);
    messages.push({ role: "assistant", content, ...(tool_calls?.length && { tool_calls }) });
    if (!tool_calls?.length) {
      if (!isToBeConfirmed) break;
      isToBeConfirmed = false;
      messages.push({ role: "user", content: "Yes, please do." });
      continue;
    }
    for (const { id, function: called } of tool_calls) {
      calls.push(called.name);
      const result = await client.callTool({
        name: called.name,
        arguments: argumentsOf(called.arguments),
      });
      const structured = result.structuredContent as { readonly outcome?: string } | undefined;
      isToBeConfirmed = structured?.outcome === "confirmation_required";
      isAsked ||= isToBeConfirmed;
      messages.push({ role: "tool", tool_call_id: id, content: textOf(result) });
    }
  }
  return { calls, said: said.join("\n"), isAsked };
}

interface ListedTool {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema: object;
}

/** What a model writes as arguments may be no JSON; the server then says what is missing. */
function argumentsOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

async function complete({ url, headers, name }: Model, messages: object[], tools: object[]) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: name, messages, tools }),
    signal: AbortSignal.timeout(120_000),
  });
  if (!response.ok) {
    const text = (await response.text()).slice(0, 300);
    throw new Error(`The model's endpoint answered ${response.status}: ${text}`);
  }
  const answer = answerSchema.safeParse(await response.json());
  if (!answer.success) throw new Error("The model's endpoint answered no chat completion.");
  return answer.data.choices[0].message;
}
