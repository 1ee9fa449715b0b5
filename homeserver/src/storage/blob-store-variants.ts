/** What was made of a file of the blob store: for each one and name at most one, kept beside it for good. */
export class BlobVariants {
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  /** @param hash of the original's contents @param name what was made of it */
  async get(hash: string, name: string): Promise<Variant | undefined> {
    const found = await this.#bucket.get(keyOf(hash, name));
    if (!found) return undefined;
    const contentType = found.httpMetadata?.contentType;
    if (contentType === undefined) return { kind: 'impossible', triedMs: found.uploaded.getTime() };
    return { kind: 'made', contentType, body: found.body };
  }

  async put(hash: string, name: string, contentType: string, bytes: Uint8Array): Promise<void> {
    await this.#bucket.put(keyOf(hash, name), bytes, { httpMetadata: { contentType } });
  }

  /** Notes that it cannot be made, so that the attempt is not repeated with each request. */
  async putImpossible(hash: string, name: string): Promise<void> {
    await this.#bucket.put(keyOf(hash, name), new Uint8Array());
  }

  /** All that was made of a file. There are fewer of them than one listing gives. */
  async deleteAll(hash: string): Promise<void> {
    const { objects } = await this.#bucket.list({ prefix: keyOf(hash, '') });
    if (objects.length > 0) await this.#bucket.delete(objects.map(({ key }) => key));
  }
}

export type Variant =
  | { kind: 'made'; contentType: string; body: ReadableStream<Uint8Array> }
  | { kind: 'impossible'; triedMs: number };

function keyOf(hash: string, name: string): string {
  return `variants/${hash}/${name}`;
}
