import { createHash } from 'node:crypto';

/** Previews as they were answered, for all users, in KV: they may be stale, and places see them later. */
export type CachedPreview = { kind: 'made'; preview: Record<string, string | number> } | { kind: 'none' };

const madeSeconds = 24 * 60 * 60;
/** A page that could not be had may soon be there. */
const noneSeconds = 10 * 60;

export class UrlPreviewCache {
  readonly #cache: KVNamespace;

  constructor(cache: KVNamespace) {
    this.#cache = cache;
  }

  async get(url: string): Promise<CachedPreview | undefined> {
    return (await this.#cache.get<CachedPreview>(keyOf(url), 'json')) ?? undefined;
  }

  async put(url: string, preview: CachedPreview): Promise<void> {
    const expirationTtl = preview.kind === 'made' ? madeSeconds : noneSeconds;
    await this.#cache.put(keyOf(url), JSON.stringify(preview), { expirationTtl });
  }
}

/** A key has at most 512 bytes. */
function keyOf(url: string): string {
  return `url-preview/${createHash('sha256').update(url).digest('base64url')}`;
}
