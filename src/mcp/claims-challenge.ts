/** What the person has to fulfil in a new sign-in, as the authority's JSON, before a call can work. */
export interface ClaimsChallenge {
  readonly claims: string;
}

/**
 * Holds a response until its first bytes, which is when its tool has finished: in the older
 * revisions the response, 200, and its stream are handed out before. Once bytes have left, no
 * challenge can follow.
 */
export async function untilFirstBytes(response: Response): Promise<Response> {
  if (!response.body) return response;
  const reader = response.body.getReader();
  const first = await reader.read();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (first.done) controller.close();
      else controller.enqueue(first.value);
    },
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
