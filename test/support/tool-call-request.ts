/** The last revision of each era. */
export type Revision = "2026-07-28" | "2025-11-25";

/** A `tools/call` as a client of the revision writes it. */
export function toolCallMessage<Params extends { readonly name: string }>(
  revision: Revision,
  params: Params,
  capabilities: unknown = {},
) {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": revision,
    "io.modelcontextprotocol/clientCapabilities": capabilities,
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
  };
  const all = revision === "2026-07-28" ? { ...params, _meta } : params;
  return { jsonrpc: "2.0", id: 1, method: "tools/call", params: all };
}

type Message = ReturnType<typeof toolCallMessage>;

/** The request that carries a call of a tool, or several. */
export function toolCallRequest(
  url: string,
  revision: Revision,
  accessToken: string,
  messages: Message | readonly Message[],
  headers: Readonly<Record<string, string>> = {},
): Request {
  const [first] = [messages].flat();
  const name = first?.params.name ?? "";
  return new Request(url, {
    method: "POST",
    headers: {
      ...headers,
      authorization: `Bearer ${accessToken}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": revision,
      ...(revision === "2026-07-28" ? { "mcp-method": "tools/call", "mcp-name": name } : {}),
    },
    body: JSON.stringify(messages),
  });
}
