import { expect, test } from 'vitest';
import { parseScope } from './scope.ts';

const stable = 'urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJ';
const unstable =
  'urn:matrix:org.matrix.msc2967.client:api:* urn:matrix:org.matrix.msc2967.client:device:ABCDEFGHIJ';

test('both forms of MSC2967 name the device; the answer is in the form of the question', () => {
  expect(parseScope(stable)).toEqual({ deviceId: 'ABCDEFGHIJ', scope: stable });
  expect(parseScope(unstable)).toEqual({ deviceId: 'ABCDEFGHIJ', scope: unstable });
  expect(parseScope(`openid  ${unstable} something`)).toEqual({ deviceId: 'ABCDEFGHIJ', scope: unstable });
  expect(parseScope(`${stable} ${unstable}`)?.deviceId).toBe('ABCDEFGHIJ');
});

test('the device of a QR login is a key in base64', () => {
  const deviceId = 'wjLpTLRqbqBzLs63aYaEv2Boi6cFEbbM/sSRQ2oAKk4+';
  expect(parseScope(`urn:matrix:client:api:* urn:matrix:client:device:${deviceId}`)?.deviceId).toBe(deviceId);
});

test.each([
  '',
  'openid',
  'urn:matrix:client:api:*',
  'urn:matrix:client:device:ABC',
  'urn:matrix:client:api:* urn:matrix:client:device:',
  'urn:matrix:client:api:* urn:matrix:client:device:A urn:matrix:client:device:B',
  'urn:matrix:client:api:* urn:matrix:client:device:a%20b',
  `urn:matrix:client:api:* urn:matrix:client:device:${'A'.repeat(256)}`,
])('O6: %j grants nothing', (scope) => {
  expect(parseScope(scope)).toBeUndefined();
});
