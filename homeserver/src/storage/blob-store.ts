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
  delete(hash: string): Promise<void>;
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
