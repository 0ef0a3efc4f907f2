import type { ServerContext } from "@modelcontextprotocol/server";
import { withPlainLines } from "./plain-lines.ts";
import type { Progress, ToolContext } from "./tool.ts";

/** A client shows no more, and each notification is a message of its own. */
const betweenMilliseconds = 250;
const longestMessage = 200;
/** Each notification repeats it, hence it has as many characters as the id of a message, at most. */
const longestToken = 256;

type RequestParts = Pick<ServerContext["mcpReq"], "_meta" | "notify">;

/**
 * The context of one message of a request. Where its client has asked to be told of progress, what is
 * told first commits the answer to its status: no challenge can follow.
 *
 * @param now milliseconds by a clock that nobody sets
 */
export function withProgress(
  context: ToolContext,
  { _meta, notify }: RequestParts,
  now = () => performance.now(),
): ToolContext {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined || String(progressToken).length > longestToken) return context;
  let last = { at: Number.NEGATIVE_INFINITY, done: Number.NEGATIVE_INFINITY };
  const progress: Progress = (done, total, message) => {
    const isDue = now() - last.at >= betweenMilliseconds || done === total;
    // It has to grow (MCP specification, Progress).
    if (!isDue || done <= last.done || context.signal.aborted) return;
    last = { at: now(), done };
    const params = {
      progressToken,
      progress: done,
      ...(total !== undefined && { total }),
      ...(message !== undefined && { message: withPlainLines(message).slice(0, longestMessage) }),
    };
    // Whoever has left is told nothing more.
    notify({ method: "notifications/progress", params }).catch(() => {});
  };
  return { ...context, progress };
}
