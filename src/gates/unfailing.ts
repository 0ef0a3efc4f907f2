import { thrown } from "../core/excerpt.ts";
import type { Log } from "../core/log.ts";

/**
 * Answers a request so that nothing is ever thrown and no body ever fails: with HTTP streams on,
 * the platform answers a throwing handler with nothing at all
 * (https://github.com/Azure/azure-functions-nodejs-library/issues/324), and a body that fails
 * midway hangs the client.
 */
export async function unfailing(respond: () => Promise<Response>, log: Log): Promise<Response> {
  try {
    const response = await respond();
    if (!response.body) return response;
    return new Response(unfailingBody(response.body, log), {
      status: response.status,
      headers: response.headers,
    });
  } catch (error) {
    log("error", "request.failed", { cause: thrown(error) });
    return Response.json(
      { error: "server_error", error_description: "The request could not be served." },
      { status: 500, headers: { "cache-control": "no-store" } },
    );
  }
}

/** The same bytes; a failure ends the body early, in the log, instead of breaking it. */
function unfailingBody(body: ReadableStream<Uint8Array>, log: Log): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        log("error", "response.failed", { cause: thrown(error) });
        controller.close();
      }
    },
    async cancel(reason) {
      try {
        await reader.cancel(reason);
      } catch (error) {
        log("error", "response.cancel-failed", { cause: thrown(error) });
      }
    },
  });
}
