import { parseServerName, type ServerName } from '../../../matrix/identifiers.ts';
import { isJsonObject } from '../../../matrix/json.ts';
import { parseStrictJson } from '../../../matrix/strict-json.ts';
import { errorText, log } from '../../../platform/log.ts';
import { readBytes, SafeFetchError, safeFetch } from '../../../platform/safe-fetch.ts';
import { readConfig } from '../config.ts';
import type { Env } from '../env.ts';
import { outboundFetch } from './outbound.ts';

export type Delegation =
  | { kind: 'delegated'; to: ServerName; forMs: number }
  /** The host says so, or nothing that can be understood. */
  | { kind: 'none'; forMs: number }
  | { kind: 'failed' };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const defaultMs = 24 * hourMs;
const [leastMs, mostMs] = [5 * minuteMs, 48 * hourMs];

/** Server-server API, "Resolving server names", step 3. */
export async function findDelegation(env: Env, host: string): Promise<Delegation> {
  try {
    const response = await safeFetch(`https://${host}/.well-known/matrix/server`, {
      headers: { accept: 'application/json', 'user-agent': 'Roost' },
      timeoutMs: 10_000,
      maxBytes: 64 * 1024,
      maxRedirects: 5,
      ...withTlsOnly(outboundFetch(env)),
    });
    if (response.status >= 500 || response.status === 429) {
      await response.body?.cancel();
      return { kind: 'failed' };
    }
    const to = response.status === 200 ? readDelegation(await readBytes(response)) : undefined;
    if (to !== undefined) return { kind: 'delegated', to, forMs: lifetimeMs(response.headers, Date.now()) };
    return { kind: 'none', forMs: readConfig(env).shortBackoff ? 1_000 : hourMs };
  } catch (error) {
    log('info', 'federation.well_known_failed', { host, error: errorText(error) });
    return { kind: 'failed' };
  }
}

type Way = ReturnType<typeof outboundFetch>;

/** What a redirect says without TLS anybody may have said. */
function withTlsOnly(way: Way): Way {
  return {
    ...way,
    fetch(url, init) {
      if (!url.startsWith('https:')) throw new SafeFetchError('refused', 'redirect to a page without TLS');
      return (way.fetch ?? fetch)(url, init);
    },
  };
}

function readDelegation(bytes: Uint8Array): ServerName | undefined {
  const value = parseStrictJson(bytes)?.value;
  const name = isJsonObject(value) ? value['m.server'] : undefined;
  return typeof name === 'string' ? parseServerName(name) : undefined;
}

/** As the answer's headers say, within limits. */
export function lifetimeMs(headers: Headers, nowMs: number): number {
  const maxAge = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,10})/i.exec(headers.get('cache-control') ?? '')?.[1];
  const expiresMs = Date.parse(headers.get('expires') ?? '');
  let ms = defaultMs;
  if (maxAge !== undefined) ms = Number(maxAge) * 1000;
  else if (!Number.isNaN(expiresMs)) ms = expiresMs - nowMs;
  return Math.min(mostMs, Math.max(leastMs, ms));
}
