/**
 * The least that a server with sign-in costs: the token's signature checked by jose, and the SDK's
 * handler with one tool, registered as a user of the SDK would. The server is measured against it
 * (`npm run bench -- --only floor`), so this file is not to be tuned.
 */
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { type CryptoKey, jwtVerify } from "jose";
import { z } from "zod";

/** The tool that both sides serve. */
export const trivialTool = {
  name: "add_numbers",
  title: "Add numbers",
  description: "Adds two numbers.",
  annotations: { readOnlyHint: true, openWorldHint: false },
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  outputSchema: z.object({ sum: z.number() }),
  call: ({ a, b }: { a: number; b: number }) => ({ sum: a + b }),
  present: ({ sum }: { sum: number }) => `The sum is ${sum}.`,
};

/** What a token is checked against. */
export interface Verification {
  readonly publicKey: CryptoKey;
  readonly issuer: string;
  readonly audience: string;
}

/** @throws {Error} where the token is not accepted */
export async function checkToken(
  token: string,
  { publicKey, issuer, audience }: Verification,
): Promise<void> {
  await jwtVerify(token, publicKey, { algorithms: ["RS256"], issuer, audience });
}

export function createFloor(verification: Verification): (request: Request) => Promise<Response> {
  const { name, call, present, ...config } = trivialTool;
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: "floor", version: "1.0.0" });
    server.registerTool(name, config, async (input) => {
      const output = call(input);
      return { content: [{ type: "text", text: present(output) }], structuredContent: output };
    });
    return server;
  });
  return async (request) => {
    const token = request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "";
    await checkToken(token, verification);
    return handler.fetch(request);
  };
}
