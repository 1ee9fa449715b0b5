import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';
import init from '../../../../migrations/d1/homeserver/0001_init.sql';
import { openD1 } from '../../../../platform/d1.ts';
import { markClientUsed, readClient, registerClient } from './oauth-clients.ts';

const { DB } = env as unknown as { DB: D1Database };
const db = openD1(DB, false);
const dayMs = 24 * 60 * 60 * 1000;
beforeAll(() =>
  applyD1Migrations(DB, [
    { name: '0001_init', queries: init.split(';').filter((part) => part.trim() !== '') },
  ]),
);

const count = async () =>
  (await DB.prepare('SELECT count(*) AS n FROM oauth_clients').first<number>('n')) ?? 0;

test('O5: of those that nobody signs in by a thousand are kept, and those that are used', async () => {
  await registerClient(db, 'used', '{}', 1);
  await markClientUsed(db, 'used', 2);
  // As registrations would have left them, were none forgotten. Each forgets a thousand at most.
  await DB.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
     INSERT INTO oauth_clients (client_id, metadata, created_ms) SELECT 'c' || i, '{}', i FROM n`,
  ).run();
  await registerClient(db, 'last', '{}', 20_000);
  expect(await count()).toBe(1001);
  expect(await readClient(db, 'used')).toBe('{}');
  expect(await readClient(db, 'last')).toBe('{}');
  expect(await readClient(db, 'c1500')).toBe('{}');
  expect(await readClient(db, 'c501')).toBeUndefined();
});

test('O5: those that nobody has signed in by are forgotten after a day, unless they come again', async () => {
  await registerClient(db, 'old', '{}', 100_000);
  await registerClient(db, 'again', '{}', 100_000);
  await registerClient(db, 'again', '{}', 100_000 + dayMs);
  await registerClient(db, 'new', '{}', 100_001 + dayMs);
  expect(await readClient(db, 'old')).toBeUndefined();
  expect(await readClient(db, 'again')).toBe('{}');
  expect(await readClient(db, 'used')).toBe('{}');
});
