/**
 * Reads a whole body, counted while it streams: a `Content-Length` may lie, but one that admits too much is
 * believed.
 * @returns nothing if it is over `maxBytes`
 */
export async function readLimitedBody(
  { body, headers }: Pick<Request, 'body' | 'headers'>,
  maxBytes: number,
): Promise<Buffer | undefined> {
  if (Number(headers.get('content-length') ?? 0) > maxBytes) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
