import { expect, test } from 'vitest';
import { hasAdminScope, parseScope, withoutAdminScope } from './scope.ts';

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

test('the scope of administration stays as it is, and can be taken away', () => {
  const granted = parseScope(`openid urn:mas:admin urn:synapse:admin:* ${stable}`);
  expect(granted).toEqual({ deviceId: 'ABCDEFGHIJ', scope: `${stable} urn:synapse:admin:*` });
  expect(hasAdminScope(granted?.scope ?? '')).toBe(true);
  expect(hasAdminScope('urn:synapse:admin:*x urn:synapse:admin')).toBe(false);
  expect(granted && withoutAdminScope(granted)).toEqual({ deviceId: 'ABCDEFGHIJ', scope: stable });
});

test('a console need not name its device; nobody else is given one', () => {
  const api = 'urn:matrix:client:api:*';
  expect(parseScope(`${api} urn:synapse:admin:*`, 'CONSOLE1')).toEqual({
    deviceId: 'CONSOLE1',
    scope: `${api} urn:synapse:admin:*`,
  });
  expect(parseScope(`${stable} urn:synapse:admin:*`, 'CONSOLE1')?.deviceId).toBe('ABCDEFGHIJ');
  expect(parseScope(`${api} urn:synapse:admin:*`)).toBeUndefined();
  expect(parseScope(api, 'CONSOLE1')).toBeUndefined();
});
