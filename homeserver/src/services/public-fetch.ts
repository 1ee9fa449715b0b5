import { type SafeFetchOptions, safeFetch } from '../../../platform/safe-fetch.ts';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';

/** Fetches an address that somebody else chose. @returns the answer, and where it came from after redirects */
export type PublicFetch = (
  address: string,
  limits: Omit<SafeFetchOptions, 'fetch' | 'allowedHosts' | 'allowLoopback'>,
) => Promise<{ response: Response; url: string }>;

/**
 * `safeFetch` over a way that leads to public addresses alone, whatever a name resolves to: on Cloudflare
 * every way does, elsewhere the binding `PUBLIC_INTERNET`. Hosts of the owner's choice are exempt.
 */
export function publicFetch(env: Env, config: Config): PublicFetch {
  return async (address, limits) => {
    let url = address;
    const response = await safeFetch(address, {
      ...limits,
      allowedHosts: config.urlPreviewHosts,
      fetch: (next, init) => {
        url = next;
        const isExempt = config.urlPreviewHosts.includes(new URL(next).hostname);
        return env.PUBLIC_INTERNET && !isExempt ? env.PUBLIC_INTERNET.fetch(next, init) : fetch(next, init);
      },
    });
    return { response, url };
  };
}

/** The beginning of a body; what comes after `maxBytes` is not waited for. */
export async function readBeginning(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk.subarray(0, maxBytes - size));
    size += chunk.byteLength;
    if (size >= maxBytes) break;
  }
  return new Uint8Array(Buffer.concat(chunks));
}
