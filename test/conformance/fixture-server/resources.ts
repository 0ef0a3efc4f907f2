import { type McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import { image } from "./media.ts";

export function registerResources(server: McpServer): void {
  server.registerResource(
    "static-text",
    "test://static-text",
    { description: "A text.", mimeType: "text/plain" },
    async ({ href: uri }) => ({
      contents: [
        {
          uri,
          mimeType: "text/plain",
          text: "This is the content of the static text resource.",
        },
      ],
    }),
  );
  server.registerResource(
    "static-binary",
    "test://static-binary",
    { description: "An image.", mimeType: "image/png" },
    async ({ href: uri }) => ({ contents: [{ uri, mimeType: "image/png", blob: image }] }),
  );
  server.registerResource(
    "template",
    new ResourceTemplate("test://template/{id}/data", { list: undefined }),
    { description: "A resource for every id.", mimeType: "application/json" },
    async ({ href: uri }, { id }) => ({
      contents: [{ uri, mimeType: "application/json", text: JSON.stringify({ id }) }],
    }),
  );
}
