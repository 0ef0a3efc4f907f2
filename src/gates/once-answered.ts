/** After the response is there, its body may take as long as a request may. */
const longestBodyMilliseconds = 60_000;

/**
 * The same response, and `then` called once it has been read to its end, or given up, or a minute has
 * passed without either: some of a body may be made long after its first bytes, and a platform that
 * has lost its client may never read the rest.
 */
export function onceAnswered(response: Response, then: () => void): Response {
  if (!response.body) {
    then();
    return response;
  }
  const timer = setTimeout(then, longestBodyMilliseconds);
  timer.unref();
  const end = () => {
    clearTimeout(timer);
    then();
  };
  const reader = response.body.getReader();
  reader.closed.then(end, end);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  const { status, headers } = response;
  return new Response(body, { status, headers });
}
