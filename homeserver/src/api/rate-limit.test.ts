import { expect, test } from 'vitest';
import type { Config } from '../config.ts';
import { addressBlock } from './address-block.ts';
import { checkAttempts, checkRateLimit, checkServer } from './rate-limit.ts';

const config = {
  rateLimits: true,
  registrations: [],
  clientAddressHeader: 'cf-connecting-ip',
} as unknown as Config;

const login = (address: string) =>
  checkRateLimit('login', new Request('https://x/', { headers: { 'cf-connecting-ip': address } }), config);

test('a flood of addresses resets neither the guesses at an account nor a younger address', async () => {
  for (let count = 0; count < 20; count += 1) checkAttempts('@anna:x', config);
  for (let address = 0; address < 9_999; address += 1) await login(`flood ${address}`);
  for (let count = 0; count < 10; count += 1) await login('192.0.2.1');
  for (let address = 0; address < 5_000; address += 1) await login(`more ${address}`);
  expect(() => checkAttempts('@anna:x', config)).toThrow();
  await expect(login('192.0.2.1')).rejects.toMatchObject({ errcode: 'M_LIMIT_EXCEEDED' });
});

test('a server is limited by itself', () => {
  for (let count = 0; count < 3000; count += 1) checkServer('busy.test', config);
  expect(() => checkServer('busy.test', config)).toThrow('Too many requests');
  checkServer('other.test', config);
  for (let count = 0; count < 3001; count += 1) checkServer('third.test', { ...config, rateLimits: false });
});

test('an IPv6 customer is limited as one', async () => {
  for (let host = 0; host < 10; host += 1) await login(`2001:db8:0:7::${host}`);
  await expect(login('2001:db8:0:7:a:b:c:d')).rejects.toMatchObject({ errcode: 'M_LIMIT_EXCEEDED' });
  await login('2001:db8:0:8::1');
});

test('C7: who is not behind a front cannot choose an address', async () => {
  const direct = { ...config, clientAddressHeader: '' };
  const attempt = (address: string) => {
    const headers = { 'cf-connecting-ip': address, 'x-forwarded-for': address };
    return checkRateLimit('login', new Request('https://x/', { headers }), direct);
  };
  for (let host = 0; host < 10; host += 1) await attempt(`203.0.113.${host}`);
  await expect(attempt('203.0.113.99')).rejects.toMatchObject({ errcode: 'M_LIMIT_EXCEEDED' });
});

test('C7: of a chain of fronts the address counts that the nearest one saw', async () => {
  const behind = { ...config, clientAddressHeader: 'x-forwarded-for' };
  const attempt = (chain: string) =>
    checkRateLimit('login', new Request('https://x/', { headers: { 'x-forwarded-for': chain } }), behind);
  for (let host = 0; host < 10; host += 1) await attempt(`10.9.8.${host}, 198.51.100.7`);
  await expect(attempt('10.9.8.77, 198.51.100.7')).rejects.toMatchObject({ errcode: 'M_LIMIT_EXCEEDED' });
  await attempt('10.9.8.77, 198.51.100.8');
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:DB8::1', '2001:db8:0:0::/64'],
  ['2001:0db8:0000:0001:2:3:4:5', '2001:db8:0:1::/64'],
  ['1::4:5:6:7:8', '1:0:0:4::/64'],
  ['::1', '0:0:0:0::/64'],
  ['local', 'local'],
])('%s is of %s', (address, block) => expect(addressBlock(address)).toBe(block));
