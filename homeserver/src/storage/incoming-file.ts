import { createHash } from 'node:crypto';
import { streamChunks } from '../../../platform/stream-chunks.ts';
import { BlobTooLarge, type StoredBlob } from './blob-store.ts';

const chunkBytes = 1024 * 1024;
/** What fits into one part is kept in memory and stored at once. R2's parts have at least 5 MiB. */
const chunksPerPart = 10;

/** A file on its way into a store, hashed and counted as it passes. */
export class IncomingFile {
  readonly #body: ReadableStream<Uint8Array>;
  readonly #maxBytes: number;
  readonly #hasher = createHash('sha256');
  #sizeBytes = 0;

  constructor(body: ReadableStream<Uint8Array>, maxBytes: number) {
    this.#body = body;
    this.#maxBytes = maxBytes;
  }

  /**
   * Parts of equal size, the last one shorter; of nothing, one empty part.
   * @throws BlobTooLarge, or the stream's own error
   */
  async *parts(): AsyncGenerator<FilePart, void> {
    let held: Uint8Array[] = [];
    for await (const chunk of streamChunks(this.#body, chunkBytes)) {
      this.#sizeBytes += chunk.byteLength;
      if (this.#sizeBytes > this.#maxBytes) throw new BlobTooLarge(`over ${this.#maxBytes} bytes`);
      this.#hasher.update(chunk);
      if (held.length === chunksPerPart) {
        yield new FilePart(held, false);
        held = [];
      }
      held.push(chunk);
    }
    yield new FilePart(held, true);
  }

  /** What it was. Once, when the last part has passed. */
  finish(): StoredBlob {
    return { hash: this.#hasher.digest('base64url'), sizeBytes: this.#sizeBytes };
  }
}

export class FilePart {
  readonly isLast: boolean;
  readonly chunks: readonly Uint8Array[];

  constructor(chunks: readonly Uint8Array[], isLast: boolean) {
    this.chunks = chunks;
    this.isLast = isLast;
  }

  /** Sends it as a stream of known length: joined to one piece it would be in memory twice. */
  async send<T>(to: (stream: ReadableStream<Uint8Array>) => Promise<T>): Promise<T> {
    const sizeBytes = this.chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    const { readable, writable } = new FixedLengthStream(sizeBytes);
    const [sent] = await Promise.all([to(readable), this.#write(writable)]);
    return sent;
  }

  async #write(writable: WritableStream<Uint8Array>): Promise<void> {
    const writer = writable.getWriter();
    for (const chunk of this.chunks) await writer.write(chunk);
    await writer.close();
  }
}
