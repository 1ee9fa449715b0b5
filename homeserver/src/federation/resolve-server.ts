import type { ServerName } from '../../../matrix/identifiers.ts';
import { backoffMs } from '../../../platform/retry.ts';
import { readConfig } from '../config.ts';
import type { Env } from '../env.ts';
import { StaleCache } from '../storage/stale-cache.ts';
import type { ServerAddress } from './outbound.ts';
import { findSrvTargets } from './srv-records.ts';
import { findDelegation } from './well-known.ts';

const defaultPort = 8448;
const hourMs = 60 * 60_000;
/** How long a server is looked for where it was, if its delegation cannot be read any more. */
const graceMs = 24 * hourMs;
/** Cache rules of the specification: errors for up to an hour. */
const backoff = { firstMs: 60_000, maxMs: hourMs };
const shortBackoff = { firstMs: 500, maxMs: 1_000 };

interface Resolved {
  address: ServerAddress;
  /** Epoch ms. */
  resolvedMs: number;
  /** Times in a row that its delegation could not be read. */
  failures: number;
}

/**
 * Server-server API, "Resolving server names", with its numbers. Results of steps 3 to 6 are cached in KV. Never fails:
 * what is not found is looked for at port 8448.
 */
export async function resolveServer(env: Env, serverName: ServerName): Promise<ServerAddress> {
  // 1. and 2.: an address, or a name with its port.
  const { host, port } = splitServerName(serverName);
  if (isLiteral(host) || port !== undefined) {
    return { host, port: port ?? defaultPort, hostHeader: serverName };
  }
  const cache = new StaleCache<Resolved>(env.CACHE, 'server-address/');
  const cached = await cache.get(serverName);
  if (cached && cached.untilMs > Date.now()) return cached.value.address;
  // 3. Delegation by .well-known.
  const delegation = await findDelegation(env, host);
  const nowMs = Date.now();
  if (delegation.kind === 'failed') {
    const last = cached && cached.value.resolvedMs > nowMs - graceMs ? cached.value : undefined;
    const failures = (last?.failures ?? 0) + 1;
    const value = last ?? { address: (await withoutDelegation(env, host)).address, resolvedMs: nowMs };
    const pauseMs = backoffMs(failures, readConfig(env).shortBackoff ? shortBackoff : backoff);
    await cache.put(serverName, { ...value, failures }, nowMs + pauseMs, graceMs);
    return value.address;
  }
  const found =
    delegation.kind === 'delegated'
      ? await resolveDelegated(env, delegation.to)
      : await withoutDelegation(env, host);
  const { address, forMs } = found;
  const untilMs = nowMs + Math.min(delegation.forMs, forMs);
  await cache.put(serverName, { address, resolvedMs: nowMs, failures: 0 }, untilMs, graceMs);
  return address;
}

interface Found {
  address: ServerAddress;
  forMs: number;
}

/** 3.1 and 3.2 as 1. and 2.; 3.3 to 3.5 as 4. to 6. */
async function resolveDelegated(env: Env, delegated: ServerName): Promise<Found> {
  const { host, port } = splitServerName(delegated);
  if (!isLiteral(host) && port === undefined) return withoutDelegation(env, host);
  return {
    address: { host, port: port ?? defaultPort, hostHeader: delegated },
    forMs: Number.POSITIVE_INFINITY,
  };
}

/** 4. and 5.: SRV records, now and as they once were called; 6.: the name itself. */
async function withoutDelegation(env: Env, host: string): Promise<Found> {
  const { found, forMs } = await findSrvTargets(env, host);
  const [first = { host, port: defaultPort }, ...fallbacks] = found;
  return {
    address: { ...first, hostHeader: host, ...(fallbacks.length > 0 && { fallbacks }) },
    forMs,
  };
}

/** Brackets stay with an IPv6 address. */
export function splitServerName(serverName: string): { host: string; port: number | undefined } {
  const match = /^(.*?)(?::(\d{1,5}))?$/.exec(serverName);
  const [, host = serverName, port] = match ?? [];
  return { host, port: port === undefined ? undefined : Number(port) };
}

export function isLiteral(host: string): boolean {
  return host.startsWith('[') || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}
