import { expect, test } from 'vitest';
import { isLoopbackHost, isPublicHost } from './public-host.ts';

const hostOf = (authority: string) => new URL(`http://${authority}/`).hostname;

test.each([
  'example.org',
  'matrix.org:8448',
  '8.8.8.8',
  '172.15.0.1',
  '172.32.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '223.255.255.255',
  '[2606:4700::1111]',
  '[2001:4860:4860::8888]',
  'localhost.example.org',
  'internal.example.org',
])('%s is public', (authority) => {
  expect(isPublicHost(hostOf(authority))).toBe(true);
});

test.each([
  'localhost',
  'LOCALHOST',
  'localhost.',
  'a.localhost',
  'printer.local',
  'metadata.google.internal',
  'router.home.arpa',
  'intranet',
  'hidden.onion',
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.127.255.255',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '239.255.255.255',
  '255.255.255.255',
  '127.0.0.1.',
  '[::]',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:8.8.8.8]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[fe80::1]',
  '[ff02::1]',
  '[2001::1]',
  '[2001:db8::1]',
  '[2002:7f00:1::]',
  '[3fff:fff::1]',
])('%s is not public', (authority) => {
  expect(isPublicHost(hostOf(authority))).toBe(false);
});

test('loopback is told apart from other private addresses', () => {
  for (const authority of ['localhost', '127.0.0.1', '127.8.9.1', '[::1]', 'x.localhost']) {
    expect(isLoopbackHost(hostOf(authority))).toBe(true);
  }
  for (const authority of ['10.0.0.1', '169.254.169.254', 'printer.local', '[fe80::1]', 'example.org']) {
    expect(isLoopbackHost(hostOf(authority))).toBe(false);
  }
});
