import type { BlobStore, ByteRange, StoredBlob } from './blob-store.ts';
import { type FilePart, IncomingFile } from './incoming-file.ts';

/**
 * Files in a folder of the machine, by workerd's own disk service: for the local runtime, whose imitation of R2
 * takes ten times as long. The service replaces files whole, so that none is ever there in part.
 */
export class DiskBlobStore implements BlobStore {
  readonly #disk: Pick<Fetcher, 'fetch'>;

  constructor(disk: Pick<Fetcher, 'fetch'>) {
    this.#disk = disk;
  }

  async put(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<StoredBlob> {
    const file = new IncomingFile(body, maxBytes);
    const parts = file.parts();
    const first = await parts.next();
    if (first.done) throw new Error('no part');
    if (!first.value.isLast) return this.#putLarge(file, first.value, parts);
    const stored = file.finish();
    await first.value.send((stream) => this.#write(nameOf(stored.hash), stream));
    return stored;
  }

  async get(hash: string, range?: ByteRange): Promise<ReadableStream<Uint8Array> | undefined> {
    const headers = range ? { range: `bytes=${range.offset}-${range.offset + range.length - 1}` } : {};
    return this.#read(nameOf(hash), headers);
  }

  async delete(hash: string): Promise<void> {
    await this.#disk.fetch(urlOf(nameOf(hash)), { method: 'DELETE' });
  }

  /** As the name is known only at the end, a large file is written under a passing one and then copied. */
  async #putLarge(
    file: IncomingFile,
    first: FilePart,
    rest: AsyncGenerator<FilePart, void>,
  ): Promise<StoredBlob> {
    const passing = `uploads/${crypto.randomUUID()}`;
    try {
      await this.#writeParts(passing, first, rest);
      const stored = file.finish();
      await this.#copy(passing, nameOf(stored.hash));
      return stored;
    } finally {
      await this.#disk.fetch(urlOf(passing), { method: 'DELETE' });
    }
  }

  async #writeParts(name: string, first: FilePart, rest: AsyncIterable<FilePart>): Promise<void> {
    const { readable, writable } = new IdentityTransformStream();
    const written = this.#write(name, readable);
    const writer = writable.getWriter();
    try {
      for (const chunk of first.chunks) await writer.write(chunk);
      for await (const { chunks } of rest) {
        for (const chunk of chunks) await writer.write(chunk);
      }
    } finally {
      // Also after a failure: the caller removes what was written, and an abort would be logged as a defect.
      await Promise.all([writer.close(), written]);
    }
  }

  async #copy(from: string, to: string): Promise<void> {
    const known = await this.#disk.fetch(urlOf(to), { method: 'HEAD' });
    if (known.ok) return;
    const source = await this.#read(from, {});
    if (!source) throw new Error('the uploaded file is gone');
    await this.#write(to, source);
  }

  async #read(
    name: string,
    headers: Record<string, string>,
  ): Promise<ReadableStream<Uint8Array> | undefined> {
    const response = await this.#disk.fetch(urlOf(name), { headers });
    if (response.ok) return response.body ?? undefined;
    await response.body?.cancel();
    if (response.status === 404) return undefined;
    throw new Error(`the disk answers ${response.status}`);
  }

  async #write(name: string, body: ReadableStream<Uint8Array>): Promise<void> {
    const response = await this.#disk.fetch(urlOf(name), { method: 'PUT', body });
    if (!response.ok) throw new Error(`the disk answers ${response.status}`);
  }
}

function nameOf(hash: string): string {
  return `blobs/${hash}`;
}

function urlOf(name: string): string {
  return `http://disk/${name}`;
}
