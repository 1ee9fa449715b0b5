import { expect, test } from 'vitest';
import {
  localpartOf,
  parseDeviceId,
  parseEventId,
  parseMxcUri,
  parseRoomAlias,
  parseRoomId,
  parseServerName,
  parseUserId,
  serverNameOf,
} from './identifiers.ts';

test.each([
  ['@a:one.test', 'a', 'one.test'],
  ['@a:one.test:8448', 'a', 'one.test:8448'],
  ['@a:[2001:db8::1]:8448', 'a', '[2001:db8::1]:8448'],
  ['@a:192.0.2.1:80', 'a', '192.0.2.1:80'],
  ['@:one.test', '', 'one.test'],
])('R25: of %s the server is all behind the first colon, with its port', (text, localpart, server) => {
  const userId = parseUserId(text);
  if (!userId) throw new Error('not a user id');
  expect(localpartOf(userId)).toBe(localpart);
  expect(serverNameOf(userId)).toBe(server);
});

test.each([
  '',
  '@',
  'a:one.test',
  '@a',
  '@a:',
  '@a:one.test:',
  '@a:one.test:port',
  '@a:one.test:8448:8448',
  '@a:one.test/evil.test',
  '@a:one.test@evil.test',
  '@a:one.test\n',
  '@a\0:one.test',
  '@a:[::1',
  '@a: one.test',
  `@${'a'.repeat(250)}:one.test`,
  '@\ud800:one.test',
])('R25: %j is no user id', (text) => expect(parseUserId(text)).toBeUndefined());

test.each<[string, (text: string) => unknown, string[], string[]]>([
  [
    'server name',
    parseServerName,
    ['a', 'a.b-c', '[::1]:1'],
    ['', 'a b', 'a:1:2', 'a:123456', 'a/b', 'a@b', 'ä'],
  ],
  [
    'room id',
    parseRoomId,
    ['!a:one.test', `!${'A'.repeat(43)}`],
    ['!', '!a', `!${'A'.repeat(42)}`, '#a:one.test'],
  ],
  ['alias', parseRoomAlias, ['#a:one.test', '#a b:one.test'], ['#a', '!a:one.test', '#\0:one.test']],
  ['event id', parseEventId, ['$a', '$a:one.test'], ['', '$', 'a', '$a b', '$a\0', `$${'a'.repeat(255)}`]],
  ['device id', parseDeviceId, ['A', 'ä b'], ['', 'a\0', 'a'.repeat(256)]],
  [
    'media address',
    parseMxcUri,
    ['mxc://one.test/abc'],
    ['mxc://one.test/', 'mxc://one.test/../x', 'mxc://a b/c', 'https://a/b'],
  ],
])('R25: what is a %s, and what is none', (_, parse, valid, invalid) => {
  for (const text of valid) expect(parse(text)).toBeDefined();
  for (const text of invalid) expect(parse(text)).toBeUndefined();
});
