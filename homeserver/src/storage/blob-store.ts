import { createHash } from 'node:crypto';

/**
 * Files by the SHA-256 of their contents (base64url). Who may see them, their types and names are not
 * known here.
 */
export interface BlobStore {
  /**
   * Stores what the stream gives, hashing and counting as it comes.
   * @throws BlobTooLarge beyond `maxBytes`, or the stream's own error; nothing is left behind then
   */
  put(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<StoredBlob>;
  /** @param range absent: the whole */
  get(hash: string, range?: ByteRange): Promise<ReadableStream<Uint8Array> | undefined>;
}

export interface StoredBlob {
  hash: string;
  sizeBytes: number;
}

export interface ByteRange {
  offset: number;
  length: number;
}

export class BlobTooLarge extends Error {}

/** R2's smallest part; what fits into one is put at once, without a detour. */
const partBytes = 5 * 1024 * 1024;

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
    const parts = inParts(body, maxBytes);
    const first = await parts.next();
    if (first.done) throw new Error('no part');
    const second = await parts.next();
    if (second.done) {
      const hash = createHash('sha256').update(first.value).digest('base64url');
      await this.#bucket.put(keyOf(hash), first.value);
      return { hash, sizeBytes: first.value.byteLength };
    }
    return this.#putLarge([first.value, second.value], parts);
  }

  async get(hash: string, range?: ByteRange): Promise<ReadableStream<Uint8Array> | undefined> {
    const blob = await this.#bucket.get(keyOf(hash), range ? { range } : {});
    return blob?.body;
  }

  async #putLarge(beginning: Uint8Array[], rest: AsyncGenerator<Uint8Array, void>): Promise<StoredBlob> {
    const passingKey = `uploads/${crypto.randomUUID()}`;
    const upload = await this.#bucket.createMultipartUpload(passingKey);
    const hasher = createHash('sha256');
    const uploaded: R2UploadedPart[] = [];
    let sizeBytes = 0;
    const add = async (part: Uint8Array) => {
      hasher.update(part);
      sizeBytes += part.byteLength;
      uploaded.push(await upload.uploadPart(uploaded.length + 1, part));
    };
    try {
      for (const part of beginning) await add(part);
      for await (const part of rest) await add(part);
      await upload.complete(uploaded);
    } catch (error) {
      await upload.abort();
      throw error;
    }
    const hash = hasher.digest('base64url');
    try {
      await this.#copy(passingKey, keyOf(hash));
    } finally {
      await this.#bucket.delete(passingKey);
    }
    return { hash, sizeBytes };
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

/** The stream in parts of equal size, the last one shorter; an empty stream is one empty part. */
async function* inParts(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void> {
  let chunks: Uint8Array[] = [];
  let filled = 0;
  let total = 0;
  for await (const chunk of body) {
    total += chunk.byteLength;
    if (total > maxBytes) throw new BlobTooLarge(`over ${maxBytes} bytes`);
    let rest = chunk;
    while (filled + rest.byteLength > partBytes) {
      chunks.push(rest.subarray(0, partBytes - filled));
      rest = rest.subarray(partBytes - filled);
      yield Buffer.concat(chunks);
      chunks = [];
      filled = 0;
    }
    chunks.push(rest);
    filled += rest.byteLength;
  }
  yield Buffer.concat(chunks);
}
