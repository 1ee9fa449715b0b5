import * as v from 'valibot';
import { SafeFetchError } from '../../../platform/safe-fetch.ts';
import { asLine } from './page-metadata.ts';
import { type PublicFetch, readBeginning } from './public-fetch.ts';

/** https://oembed.com: what a site says of a page besides. Of `html`, which may be a script, nothing is taken. */
const oembedSchema = v.object({
  type: v.optional(v.string()),
  title: v.optional(v.string()),
  author_name: v.optional(v.string()),
  provider_name: v.optional(v.string()),
  thumbnail_url: v.optional(v.string()),
  /** Of photos. */
  url: v.optional(v.string()),
});

const timeoutMs = 5_000;
const maxBytes = 64 * 1024;

export interface Oembed {
  properties: Map<string, string>;
  image: string | undefined;
}

/** One document, which leads to no other page. @returns nothing if there is none that can be used */
export async function fetchOembed(fetchPublic: PublicFetch, address: string): Promise<Oembed | undefined> {
  try {
    const limits = { timeoutMs, maxBytes, headers: { accept: 'application/json' } };
    const { response } = await fetchPublic(address, limits);
    const text = Buffer.from(await readBeginning(response, maxBytes)).toString();
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), oembedSchema), text);
    if (response.status !== 200 || !parsed.success) return undefined;
    const { type, title, author_name, provider_name, thumbnail_url, url } = parsed.output;
    const properties = new Map<string, string>();
    const say = (name: string, value: string | undefined) => {
      if (value?.trim()) properties.set(name, asLine(value.slice(0, 4000)));
    };
    say('og:title', title ?? author_name);
    say('og:site_name', provider_name);
    return { properties, image: thumbnail_url ?? (type === 'photo' ? url : undefined) };
  } catch (error) {
    if (error instanceof SafeFetchError) return undefined;
    throw error;
  }
}
