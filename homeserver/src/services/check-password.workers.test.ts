import { env } from 'cloudflare:workers';
import { scryptSync } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import type { UserId } from '../../../matrix/identifiers.ts';
import { openD1 } from '../../../platform/d1.ts';
import { makeTables } from '../../../test/harness/homeserver-worker.ts';
import { createAccount, readAccount, setPassword } from '../storage/d1/accounts.ts';
import { checkPasswordOf } from './check-password.ts';

const db = openD1((env as unknown as { DB: D1Database }).DB, false);
const userId = '@old:roost.test' as UserId;

/** A hash as it was made when less was enough. */
function oldHash(password: string): string {
  const salt = Buffer.alloc(16, 7);
  const hash = scryptSync(password, salt, 32, { N: 2 ** 12, r: 8, p: 1 });
  return ['scrypt', 12, 8, 1, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

const storedHash = async () => (await readAccount(db, userId))?.passwordHash ?? '';

beforeAll(async () => {
  await makeTables();
  await createAccount(db, { userId, passwordHash: oldHash('correct horse') }, 1);
});

test('a login with the right password makes the hash one of today, and stays valid', async () => {
  expect(await checkPasswordOf(db, userId, 'wrong')).toBeUndefined();
  expect(await storedHash()).toMatch(/^scrypt\$12\$/);
  const proof = await checkPasswordOf(db, userId, 'correct horse');
  const renewed = await storedHash();
  expect(renewed).toMatch(/^scrypt\$15\$8\$1\$/);
  expect(await proof?.isStill()).toBe(true);
  const again = await checkPasswordOf(db, userId, 'correct horse');
  expect(await again?.isStill()).toBe(true);
  expect(await storedHash()).toBe(renewed);
  await setPassword(db, userId, oldHash('another'));
  expect(await again?.isStill()).toBe(false);
});

test('of several logins at once all stay valid', async () => {
  await setPassword(db, userId, oldHash('correct horse'));
  const proofs = await Promise.all(
    Array.from({ length: 3 }, () => checkPasswordOf(db, userId, 'correct horse')),
  );
  for (const proof of proofs) expect(await proof?.isStill()).toBe(true);
});
