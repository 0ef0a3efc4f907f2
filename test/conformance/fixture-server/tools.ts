import type { CallToolResult, Tool } from "@modelcontextprotocol/server";
import { z } from "zod";
import { success } from "../../../src/core/result.ts";
import { defineTool } from "../../../src/mcp/define-tool.ts";
import { everyone } from "../../../src/mcp/policy.ts";
import type { DefinedTool } from "../../../src/mcp/tool.ts";
import schema from "./json-schema-2020-12.json" with { type: "json" };
import { audio, image } from "./media.ts";

const annotations = { readOnlyHint: true };
const noInput = z.strictObject({});

const simpleText = defineTool({
  name: "test_simple_text",
  title: "Simple text",
  description: "Answers a text.",
  annotations,
  inputSchema: noInput,
  outputSchema: z.object({ text: z.string() }),
  policy: everyone,
  handler: async () => success({ text: "This is a simple text response for testing." }),
  present: ({ text }) => text,
});

const alwaysFails = defineTool({
  name: "test_error_handling",
  title: "Always fails",
  description: "Throws, whatever it is called with.",
  annotations,
  inputSchema: noInput,
  outputSchema: z.object({}),
  policy: everyone,
  handler: async () => {
    throw new Error("This tool intentionally returns an error for testing");
  },
  present: () => "",
});

const mirrorsHeader = defineTool({
  name: "test_x_mcp_header",
  title: "Parameter in a header",
  description: "Takes a parameter that clients repeat in a header.",
  annotations,
  inputSchema: z.object({
    region: z
      .string()
      .optional()
      .meta({ description: "Repeated in Mcp-Param-Region.", "x-mcp-header": "Region" }),
    level: z.int().optional().describe("In no header."),
  }),
  outputSchema: z.object({ region: z.string() }),
  policy: everyone,
  handler: async ({ region }) => success({ region: region ?? "none" }),
  present: ({ region }) => region,
});

/** The suite reads every kind of content, where the application's own tools answer text. */
function contentTool(
  name: string,
  description: string,
  content: CallToolResult["content"],
  inputSchema: Tool["inputSchema"] = { type: "object" },
): DefinedTool {
  return {
    ...simpleText,
    name,
    listing: { name, description, inputSchema },
    call: async () => ({ result: { content } }),
  };
}

/** The fixture tools that need nothing but their arguments. */
export const tools: readonly DefinedTool[] = [
  simpleText,
  alwaysFails,
  mirrorsHeader,
  contentTool("test_streaming_elicitation", "Answers at once, and asks nothing on the way.", [
    { type: "text", text: "Nothing was asked." },
  ]),
  contentTool(
    "json_schema_2020_12_tool",
    "Has a schema with every kind of keyword.",
    [{ type: "text", text: "The schema is what matters." }],
    { ...schema, type: "object" },
  ),
  contentTool("test_image_content", "Answers an image.", [
    { type: "image", data: image, mimeType: "image/png" },
  ]),
  contentTool("test_audio_content", "Answers a sound.", [
    { type: "audio", data: audio, mimeType: "audio/wav" },
  ]),
  contentTool("test_embedded_resource", "Answers an embedded resource.", [
    {
      type: "resource",
      resource: {
        uri: "test://embedded-resource",
        mimeType: "text/plain",
        text: "This is an embedded resource content.",
      },
    },
  ]),
  contentTool("test_multiple_content_types", "Answers text, an image and a resource.", [
    { type: "text", text: "Multiple content types test:" },
    { type: "image", data: image, mimeType: "image/png" },
    {
      type: "resource",
      resource: {
        uri: "test://mixed-content-resource",
        mimeType: "application/json",
        text: '{"test":"data","value":123}',
      },
    },
  ]),
];
