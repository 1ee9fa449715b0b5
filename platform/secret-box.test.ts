import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { SecretBox } from './secret-box.ts';

const box = new SecretBox(randomBytes(32).toString('base64'));

test('a secret comes back, and its text tells nothing of it', async () => {
  const sealed = await box.seal('xoxp-1234', 'login:T1-U1');
  expect(sealed).toMatch(/^v1\.[\w-]+\.[\w-]+$/);
  expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('xoxp');
  expect(await box.open(sealed, 'login:T1-U1')).toBe('xoxp-1234');
  expect(await box.seal('xoxp-1234', 'login:T1-U1')).not.toBe(sealed);
});

test('a text that was altered, moved, or sealed by another key does not open', async () => {
  const sealed = await box.seal('secret', 'row 1');
  await expect(box.open(sealed, 'row 2')).rejects.toThrow();
  await expect(box.open(`${sealed.slice(0, -2)}AA`, 'row 1')).rejects.toThrow();
  await expect(box.open('v1.AAAA', 'row 1')).rejects.toThrow('not a sealed secret');
  await expect(new SecretBox(randomBytes(32).toString('base64url')).open(sealed, 'row 1')).rejects.toThrow();
});

test('a key of the wrong length is refused', () => {
  expect(() => new SecretBox('short')).toThrow('32 bytes');
});
