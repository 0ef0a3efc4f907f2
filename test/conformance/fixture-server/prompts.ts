import {
  acceptedContent,
  completable,
  type GetPromptResult,
  inputRequired,
  type McpServer,
  type PromptMessage,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { image } from "./media.ts";

const contextForm = z.object({ context: z.string() });
const words = ["paris", "park", "party", "test"];

function says(...contents: PromptMessage["content"][]): GetPromptResult {
  return { messages: contents.map((content) => ({ role: "user", content })) };
}

export function registerPrompts(server: McpServer): void {
  server.registerPrompt("test_simple_prompt", { description: "Has no arguments." }, async () =>
    says({ type: "text", text: "This is a simple prompt for testing." }),
  );
  server.registerPrompt(
    "test_prompt_with_arguments",
    {
      description: "Repeats its two arguments.",
      argsSchema: z.object({
        arg1: completable(z.string(), (begun) => words.filter((word) => word.startsWith(begun))),
        arg2: z.string(),
      }),
    },
    async ({ arg1, arg2 }) =>
      says({ type: "text", text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` }),
  );
  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    {
      description: "Embeds the resource that it is given.",
      argsSchema: z.object({ resourceUri: z.string() }),
    },
    async ({ resourceUri }) =>
      says(
        {
          type: "resource",
          resource: {
            uri: resourceUri,
            mimeType: "text/plain",
            text: "Embedded resource content for testing.",
          },
        },
        { type: "text", text: "Please process the embedded resource above." },
      ),
  );
  server.registerPrompt("test_prompt_with_image", { description: "Has an image." }, async () =>
    says(
      { type: "image", data: image, mimeType: "image/png" },
      { type: "text", text: "Please analyze the image above." },
    ),
  );
  server.registerPrompt(
    "test_input_required_result_prompt",
    { description: "Asks for its context.", argsSchema: z.object({}) },
    async (_arguments, { mcpReq }) => {
      const answer = acceptedContent(mcpReq.inputResponses, "user_context", contextForm);
      if (answer) return says({ type: "text", text: answer.context });
      return inputRequired({
        inputRequests: {
          user_context: inputRequired.elicit({
            message: "What context should the prompt use?",
            requestedSchema: contextForm,
          }),
        },
      });
    },
  );
}
