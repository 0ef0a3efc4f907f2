import { acceptedContent, inputRequired, type McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

export const askingPrompt = "test_input_required_result_prompt";

const contextForm = z.object({ context: z.string() });

/** Registers a prompt that asks the client, which no prompt of a domain can. */
export function registerAskingPrompt(server: McpServer): void {
  server.registerPrompt(
    askingPrompt,
    { description: "Asks for its context.", argsSchema: z.object({}) },
    async (_arguments, { mcpReq }) => {
      const answer = acceptedContent(mcpReq.inputResponses, "user_context", contextForm);
      if (answer) {
        return { messages: [{ role: "user", content: { type: "text", text: answer.context } }] };
      }
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
