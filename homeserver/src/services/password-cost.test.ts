import { scrypt } from 'node:crypto';
import { beforeEach, expect, test, vi } from 'vitest';
import { hashPassword, maxPasswordLength, verifyPassword } from './password.ts';

vi.mock('node:crypto', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:crypto')>();
  return { ...real, scrypt: vi.fn(real.scrypt) };
});

beforeEach(() => void vi.mocked(scrypt).mockClear());

/** What was computed: everything that the time depends on. */
const work = () => vi.mocked(scrypt).mock.calls.map(([, , length, options]) => ({ length, options }));

test('C7: nobody, an account without a password and a wrong password cost the same', async () => {
  const stored = await hashPassword('right');
  vi.mocked(scrypt).mockClear();
  for (const hash of [stored, undefined, null, '', 'not a hash']) {
    expect(await verifyPassword('wrong', hash)).toBe(false);
  }
  const [known, ...others] = work();
  expect(others).toHaveLength(4);
  for (const other of others) expect(other).toEqual(known);
});

test('C7: a password that is too long costs nothing, whoever it is for', async () => {
  const long = 'x'.repeat(maxPasswordLength + 1);
  for (const hash of [await hashPassword('right'), undefined]) {
    vi.mocked(scrypt).mockClear();
    expect(await verifyPassword(long, hash)).toBe(false);
    expect(work()).toEqual([]);
  }
});
