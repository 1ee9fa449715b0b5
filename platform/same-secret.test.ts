import { expect, test } from 'vitest';
import { sameSecret } from './same-secret.ts';

test.each(['', 'secret', 'schlüssel', 'a\0'])('%j is itself alone', (secret) => {
  expect(sameSecret(secret, secret)).toBe(true);
  for (const other of [
    `${secret}\0`,
    `${secret}x`,
    `x${secret}`,
    secret.slice(0, -1),
    secret.toUpperCase(),
  ]) {
    expect(sameSecret(secret, other)).toBe(other === secret);
    expect(sameSecret(other, secret)).toBe(other === secret);
  }
});
