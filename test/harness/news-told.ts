import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import { readNews } from '../../homeserver/src/storage/user-keys/pending-news.ts';
import { Sqlite } from '../../platform/sqlite.ts';

/** For tests: waits until everyone has been told what changed about a user's keys. */
export function untilTold(userId: string): Promise<void> {
  const stub = (env as unknown as { USER_KEYS: DurableObjectNamespace }).USER_KEYS.getByName(userId);
  return vi.waitUntil(
    () => runInDurableObject(stub, (_, state) => readNews(new Sqlite(state.storage)).length === 0),
    { timeout: 20_000, interval: 20 },
  ) as Promise<unknown> as Promise<void>;
}
