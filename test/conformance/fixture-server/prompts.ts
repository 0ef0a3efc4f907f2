import type { PromptMessage } from "@modelcontextprotocol/server";
import { z } from "zod";
import { success } from "../../../src/core/result.ts";
import { definePrompt } from "../../../src/mcp/define-prompt.ts";
import type { DefinedPrompt } from "../../../src/mcp/offer.ts";
import { everyone } from "../../../src/mcp/policy.ts";
import { image } from "./media.ts";

function says(...contents: PromptMessage["content"][]): PromptMessage[] {
  return contents.map((content) => ({ role: "user", content }));
}

const noArguments = z.strictObject({});

export const prompts: readonly DefinedPrompt[] = [
  definePrompt({
    name: "test_simple_prompt",
    title: "Simple prompt",
    description: "Has no arguments.",
    arguments: noArguments,
    policy: everyone,
    messages: async () => success("This is a simple prompt for testing."),
  }),
  definePrompt({
    name: "test_prompt_with_arguments",
    title: "Prompt with arguments",
    description: "Repeats its two arguments.",
    arguments: z.strictObject({
      arg1: z.string().describe("The first."),
      arg2: z.string().describe("The second."),
    }),
    policy: everyone,
    complete: { arg1: () => success(["paris", "park", "party", "test"]) },
    messages: async ({ arg1, arg2 }) =>
      success(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`),
  }),
  definePrompt({
    name: "test_prompt_with_embedded_resource",
    title: "Prompt with a resource",
    description: "Embeds the resource that it is given.",
    arguments: z.strictObject({ resourceUri: z.string().describe("Its URI.") }),
    policy: everyone,
    messages: async ({ resourceUri }) =>
      success(
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
      ),
  }),
  definePrompt({
    name: "test_prompt_with_image",
    title: "Prompt with an image",
    description: "Has an image.",
    arguments: noArguments,
    policy: everyone,
    messages: async () =>
      success(
        says(
          { type: "image", data: image, mimeType: "image/png" },
          { type: "text", text: "Please analyze the image above." },
        ),
      ),
  }),
];
