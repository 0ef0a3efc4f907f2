import { HttpRequest, InvocationContext } from "@azure/functions";
import { afterEach, describe, expect, it, vi } from "vitest";
import { httpHandler } from "../../functions/http-handler.ts";
import { verifies } from "../requirements.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the HTTP handler", () => {
  it(
    verifies("audit.late", "logs what happens behind the response without the invocation"),
    async () => {
      const inInvocation: string[] = [];
      const behind: string[] = [];
      const begun = Promise.withResolvers<void>();
      vi.spyOn(console, "warn").mockImplementation((line) => behind.push(line));
      const context = new InvocationContext({
        invocationId: "invocation-1",
        functionName: "mcp",
        logHandler: (_level, line) => inInvocation.push(String(line)),
      });
      const handler = httpHandler(async (_request, { log }) => {
        log("info", "first");
        const body = new ReadableStream<Uint8Array>({
          async pull(controller) {
            await begun.promise;
            log("warn", "second");
            controller.close();
          },
        });
        return new Response(body);
      });
      const request = new HttpRequest({ url: "https://mcp.contoso.example/mcp", method: "GET" });
      const response = await handler(request, context);
      expect(response).toBeInstanceOf(Response);
      begun.resolve();
      await (response as Response).text();

      const line = (event: string) => JSON.stringify({ event, invocationId: "invocation-1" });
      expect([inInvocation, behind]).toEqual([[line("first")], [line("second")]]);
    },
  );
});
