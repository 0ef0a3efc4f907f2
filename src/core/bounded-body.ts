/**
 * The bytes of a body, read no further than it may be large.
 *
 * @returns nothing where it has more than `maximumBytes`
 * @throws what the body throws, as where its connection breaks
 */
export async function readBounded(
  body: AsyncIterable<Uint8Array> | null,
  maximumBytes: number,
): Promise<Buffer<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > maximumBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
