import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import init from '../../../migrations/d1/bridges/0001_init.sql';
import type { BridgeEnv } from '../bridge-env.ts';
import type { FakeHomeserver } from './fake-homeserver.ts';

type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Puts the fakes where the Worker under test calls out: the homeserver's service binding and `fetch`. The
 * runtime's own services are called through bindings too, so all but the homeserver's are let through.
 */
export function installFakes(homeserver: FakeHomeserver, network: FetchLike): void {
  const bridgeEnv = env as unknown as BridgeEnv;
  const binding = Object.getPrototypeOf(bridgeEnv.HOMESERVER) as Fetcher;
  const original = binding.fetch;
  vi.spyOn(binding, 'fetch').mockImplementation(function (this: Fetcher, ...args: unknown[]) {
    const [url, options] = args as [string, RequestInit];
    const isHomeserver = typeof url === 'string' && url.startsWith('https://roost.test/_matrix/');
    return isHomeserver ? homeserver.fetch(url, options) : original.apply(this, args as never);
  });
  vi.spyOn(globalThis, 'fetch').mockImplementation((url, options) => network(String(url), options ?? {}));
}

/** Makes the D1 tables, empty. */
export async function resetDatabase(): Promise<void> {
  const { DB } = env as unknown as BridgeEnv;
  const statements = init
    .replace(/--[^\n]*/g, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
  const tables = statements.flatMap((statement) => /^CREATE TABLE (\w+)/.exec(statement)?.[1] ?? []);
  await DB.batch([
    ...tables.map((table) => DB.prepare(`DROP TABLE IF EXISTS ${table}`)),
    ...statements.map((statement) => DB.prepare(statement)),
  ]);
}
