import { describe, expect, test } from 'vitest';
import { hashPassword, needsRehash, verifyPassword } from './password.ts';

describe('password hashes', () => {
  test('name their parameters, differ by salt, and open only to the password', async () => {
    const [one, two] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
    expect(one).toMatch(/^scrypt\$15\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(two);
    expect(await verifyPassword('correct horse', one)).toBe(true);
    expect(await verifyPassword('correct horsf', one)).toBe(false);
    expect(await verifyPassword('', one)).toBe(false);
  });

  test('follow the parameters of the hash, not the newest ones', async () => {
    // RFC 7914, section 12: scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1), first 32 bytes
    const salt = Buffer.from('SodiumChloride').toString('base64url');
    const hash = Buffer.from(
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2',
      'hex',
    ).toString('base64url');
    expect(await verifyPassword('pleaseletmein', `scrypt$14$8$1$${salt}$${hash}`)).toBe(true);
  });

  test('composed and decomposed letters are the same password', async () => {
    expect(await verifyPassword('cafe\u0301', await hashPassword('caf\u00e9'))).toBe(true);
  });

  test.each([null, undefined, '', 'x', 'scrypt$15$8$1$only'])('%s opens to nothing', async (stored) => {
    expect(await verifyPassword('anything', stored)).toBe(false);
  });
});

describe('rehashing', () => {
  test('is for hashes of other parameters', async () => {
    expect(needsRehash(await hashPassword('correct horse'))).toBe(false);
    for (const cost of ['14$8$1', '15$9$1', '15$8$2']) {
      expect(needsRehash(`scrypt$${cost}$AAAA$AAAA`)).toBe(true);
    }
  });
});
