/**
 * A stream in chunks of `bytes`, only the last one shorter. Taken as it comes, a request's body is 4 KiB at a time, and
 * each chunk costs a turn of the event loop.
 */
export async function* streamChunks(
  stream: ReadableStream<Uint8Array>,
  bytes: number,
): AsyncGenerator<Uint8Array, void> {
  const reader = byteReader(stream);
  try {
    for (;;) {
      const { value, done } = await reader.readAtLeast(bytes, new Uint8Array(bytes));
      if (value && value.byteLength > 0) yield value;
      if (done || (value && value.byteLength < bytes)) return;
    }
  } finally {
    // Whoever stops early wants no more of it; at its end that changes nothing.
    await reader.cancel().catch(() => {});
  }
}

/** Streams made in JavaScript cannot be asked for an amount; the runtime's own, which they are piped into, can. */
function byteReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader {
  try {
    return stream.getReader({ mode: 'byob' });
  } catch {
    return stream.pipeThrough(new IdentityTransformStream()).getReader({ mode: 'byob' });
  }
}
