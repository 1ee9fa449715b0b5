/**
 * A sender that is still writing when it is refused sees a broken connection instead of the answer. So much
 * more is read, and thrown away, that it hears why.
 */
const usuallyDiscardedBytes = 16 * 1024 * 1024;

/**
 * Reads a whole body, counted while it streams: a `Content-Length` may lie, but one that admits far too much is
 * believed.
 * @returns nothing if it is over `maxBytes`
 */
export async function readLimitedBody(
  { body, headers }: Pick<Request, 'body' | 'headers'>,
  maxBytes: number,
  maxDiscardedBytes = usuallyDiscardedBytes,
): Promise<Buffer | undefined> {
  const patience = maxBytes + maxDiscardedBytes;
  if (Number(headers.get('content-length') ?? 0) > patience) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > patience) return undefined;
    if (size <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size > maxBytes ? undefined : Buffer.concat(chunks);
}
