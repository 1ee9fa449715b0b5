import type { BlobStore, ByteRange, StoredBlob } from './blob-store.ts';
import { type FilePart, IncomingFile } from './incoming-file.ts';

/**
 * R2 wants to know a length or gets parts of equal size, and the name is known only at the end. So a small
 * file is kept in memory; a large one is uploaded in parts under a passing name and then copied, which R2
 * itself cannot do. Uploads that a crash leaves unfinished are dropped by R2 after a week.
 */
export class R2BlobStore implements BlobStore {
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  async put(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<StoredBlob> {
    const file = new IncomingFile(body, maxBytes);
    const parts = file.parts();
    const first = await parts.next();
    if (first.done) throw new Error('no part');
    if (!first.value.isLast) return this.#putLarge(file, first.value, parts);
    const stored = file.finish();
    await first.value.send((stream) => this.#bucket.put(keyOf(stored.hash), stream));
    return stored;
  }

  async get(hash: string, range?: ByteRange): Promise<ReadableStream<Uint8Array> | undefined> {
    const blob = await this.#bucket.get(keyOf(hash), range ? { range } : {});
    return blob?.body;
  }

  async delete(hash: string): Promise<void> {
    await this.#bucket.delete(keyOf(hash));
  }

  async #putLarge(
    file: IncomingFile,
    first: FilePart,
    rest: AsyncGenerator<FilePart, void>,
  ): Promise<StoredBlob> {
    const passingKey = `uploads/${crypto.randomUUID()}`;
    const upload = await this.#bucket.createMultipartUpload(passingKey);
    const uploaded: R2UploadedPart[] = [];
    const add = async (part: FilePart) => {
      uploaded.push(await part.send((stream) => upload.uploadPart(uploaded.length + 1, stream)));
    };
    try {
      await add(first);
      for await (const part of rest) await add(part);
      await upload.complete(uploaded);
    } catch (error) {
      await upload.abort();
      throw error;
    }
    const stored = file.finish();
    try {
      await this.#copy(passingKey, keyOf(stored.hash));
    } finally {
      await this.#bucket.delete(passingKey);
    }
    return stored;
  }

  async #copy(from: string, to: string): Promise<void> {
    if (await this.#bucket.head(to)) return;
    const source = await this.#bucket.get(from);
    if (!source) throw new Error('the uploaded file is gone');
    await this.#bucket.put(to, source.body);
  }
}

function keyOf(hash: string): string {
  return `blobs/${hash}`;
}
