import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import type { DeviceId } from '../../../../matrix/identifiers.ts';
import type { AuthorizationCode, CodeProof, UserSyncRpc } from '../user-sync-rpc.ts';

const deviceId = 'PHONE' as DeviceId;
const verifier = 'v'.repeat(43);
const code: AuthorizationCode = {
  code: 'the-code',
  clientId: 'client',
  clientName: 'Some App',
  scope: 'all',
  deviceId,
  refreshable: true,
  redirectUri: 'https://app.test/',
  challenge: createHash('sha256').update(verifier).digest('base64url'),
};
const proof: CodeProof = {
  code: code.code,
  clientId: code.clientId,
  redirectUri: code.redirectUri,
  verifier,
};
const granted = { kind: 'granted', deviceId, scope: 'all', refreshable: true };
const refused = { kind: 'refused' };
const tokens = (name: string) => ({
  accessToken: `a-${name}`,
  refreshToken: `r-${name}`,
  expiresInMs: 1000_000,
});

let user: UserSyncRpc;
let users = 0;

beforeEach(() => {
  users += 1;
  const { USERS } = env as { USERS: DurableObjectNamespace };
  user = USERS.getByName(`@user${users}:roost.test`) as unknown as UserSyncRpc;
});

const runSql = (sql: string) =>
  runInDurableObject(user as unknown as DurableObjectStub, (_, state) => {
    state.storage.sql.exec(sql);
  });
const isAlive = async (name: string) => (await user.authenticate(`a-${name}`)).kind === 'session';
const refresh = (from: string, to: string, clientId = 'client') =>
  user.refreshGrant({ refreshToken: `r-${from}`, clientId }, tokens(to));

test('a code signs its device in, and the device is known as one of OAuth', async () => {
  await user.storeCode(code);
  expect(await user.redeemCode(proof, tokens('1'))).toEqual(granted);
  expect(await user.authenticate('a-1')).toMatchObject({ kind: 'session', deviceId });
  expect(await user.devices()).toMatchObject([{ deviceId, displayName: 'Some App' }]);
  expect(await user.isGrant(deviceId)).toBe(true);
  expect(await user.grantOfToken('a-1')).toMatchObject({ clientId: 'client', active: true });
  expect(await user.grantOfToken('r-1')).toMatchObject({ clientId: 'client', active: false });
});

test('O2: a code is for its client, its redirect URI and its verifier, and those who fail do not use it up', async () => {
  await user.storeCode(code);
  for (const wrong of [
    { code: 'other' },
    { clientId: 'other' },
    { redirectUri: 'https://app.test' },
    { verifier: 'w'.repeat(43) },
    { verifier: code.challenge },
  ]) {
    expect(await user.redeemCode({ ...proof, ...wrong }, tokens('x'))).toEqual(refused);
  }
  expect(await user.redeemCode(proof, tokens('1'))).toEqual(granted);
});

test('O2: a code that comes again ends what it was exchanged for', async () => {
  await user.storeCode(code);
  await user.redeemCode(proof, tokens('1'));
  expect(await user.redeemCode(proof, tokens('2'))).toEqual({ kind: 'refused', ended: deviceId });
  expect(await isAlive('1')).toBe(false);
  expect(await isAlive('2')).toBe(false);
  expect(await refresh('1', '3')).toEqual(refused);
});

test('O2: but not what the device has signed in to since', async () => {
  await user.storeCode(code);
  await user.redeemCode(proof, tokens('1'));
  await user.storeCode({ ...code, code: 'second' });
  await user.redeemCode({ ...proof, code: 'second' }, tokens('2'));
  expect(await user.redeemCode(proof, tokens('3'))).toEqual(refused);
  expect(await isAlive('2')).toBe(true);
});

test('O2: a code lives a minute', async () => {
  await user.storeCode(code);
  await runSql('UPDATE oauth_codes SET expires_ms = expires_ms - 60000');
  expect(await user.redeemCode(proof, tokens('1'))).toEqual(refused);
});

test('O2: of many at once one gets tokens, and the others end it', async () => {
  await user.storeCode(code);
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => user.redeemCode(proof, tokens(`p${index}`))),
  );
  expect(answers.filter(({ kind }) => kind === 'granted')).toHaveLength(1);
  for (let index = 0; index < 8; index += 1) expect(await isAlive(`p${index}`)).toBe(false);
});

test('C10: who ends all sessions ends codes and browsers too', async () => {
  await user.storeCode(code);
  await user.openBrowserSession('cookie');
  await user.approve('cross_signing_reset');
  expect(await user.browserSession('cookie')).toEqual({ openedMs: expect.any(Number) });
  await user.deleteDevices();
  expect(await user.redeemCode(proof, tokens('1'))).toEqual(refused);
  expect(await user.browserSession('cookie')).toBeUndefined();
  expect(await user.takeApproval('cross_signing_reset')).toBe(false);
});

test('an approval is good for one of those who ask at once', async () => {
  await user.approve('cross_signing_reset');
  const taken = await Promise.all([1, 2, 3].map(() => user.takeApproval('cross_signing_reset')));
  expect(taken.filter(Boolean)).toHaveLength(1);
});

test('browsers and approvals have their time', async () => {
  await user.openBrowserSession('cookie');
  await user.approve('cross_signing_reset');
  await runSql('UPDATE browser_sessions SET expires_ms = expires_ms - 3600000');
  await runSql('UPDATE approvals SET expires_ms = expires_ms - 600000');
  expect(await user.browserSession('cookie')).toBeUndefined();
  expect(await user.takeApproval('cross_signing_reset')).toBe(false);
});

test('O3: a refresh token goes on until its successor is used, then ends the grant', async () => {
  await user.storeCode(code);
  await user.redeemCode(proof, tokens('1'));
  expect(await refresh('1', 'lost')).toEqual(granted);
  expect(await refresh('1', '2')).toEqual(granted);
  expect(await isAlive('1')).toBe(true);
  expect(await isAlive('2')).toBe(true);
  expect(await user.authenticate('a-1')).toEqual({ kind: 'unknown_token', soft: true });
  expect(await refresh('1', '3')).toEqual({ kind: 'refused', ended: deviceId });
  expect(await isAlive('2')).toBe(false);
  expect(await user.isGrant(deviceId)).toBe(false);
});

test('O3: of two who exchange one token, the first is found out as soon as it goes on', async () => {
  await user.storeCode(code);
  await user.redeemCode(proof, tokens('1'));
  await Promise.all([refresh('1', 'thief'), refresh('1', 'owner')]);
  expect(await user.authenticate('a-thief')).toEqual({ kind: 'unknown_token', soft: true });
  expect(await isAlive('owner')).toBe(true);
  expect(await refresh('thief', 'more')).toEqual({ kind: 'refused', ended: deviceId });
  expect(await isAlive('owner')).toBe(false);
});

test('O6: no more can be had by refreshing than was granted, and who tries has not used the token up', async () => {
  await user.storeCode(code);
  await user.redeemCode(proof, tokens('1'));
  const asking = (scope: string) =>
    user.refreshGrant({ refreshToken: 'r-1', clientId: 'client', scope }, tokens(scope));
  expect(await asking('all more')).toEqual({ kind: 'scope_exceeded' });
  expect(await isAlive('all more')).toBe(false);
  expect(await asking('all')).toEqual(granted);
});

test('O3: a refresh token is its client’s, and none of the legacy sessions', async () => {
  await user.storeCode(code);
  await user.redeemCode(proof, tokens('1'));
  expect(await refresh('1', '2', 'other')).toEqual(refused);
  expect((await user.refreshSession('r-1', tokens('2'))).kind).toBe('unknown_token');
  await user.createSession({ ...tokens('legacy'), deviceId: 'LEGACY' as DeviceId });
  expect(await refresh('legacy', '3')).toEqual(refused);
  expect(await isAlive('1')).toBe(true);
});

test('a refresh token that has lain for three months ends its grant', async () => {
  await user.storeCode(code);
  await user.redeemCode(proof, tokens('1'));
  await runSql('UPDATE sessions SET expires_ms = expires_ms - 1000000 - 90 * 86400000 + 60000');
  expect(await refresh('1', '2')).toEqual(granted);
  expect(await isAlive('2')).toBe(true);
  await runSql('UPDATE sessions SET expires_ms = expires_ms - 1000000 - 90 * 86400000');
  expect(await refresh('2', '3')).toEqual({ kind: 'refused', ended: deviceId });
  expect(await user.isGrant(deviceId)).toBe(false);
});

test('one of a login without OAuth cannot be used any more then, and its client may keep its keys', async () => {
  await user.createSession({ ...tokens('1'), deviceId });
  await runSql('UPDATE sessions SET expires_ms = expires_ms - 1000000 - 90 * 86400000');
  expect(await user.refreshSession('r-1', tokens('2'))).toEqual({ kind: 'unknown_token', soft: true });
});

test('a service is told of access tokens that are good now, and of no other', async () => {
  await user.storeCode(code);
  await user.redeemCode(proof, tokens('1'));
  const expiresMs = expect.any(Number);
  expect(await user.introspect('a-1')).toEqual({ deviceId, clientId: 'client', scope: 'all', expiresMs });
  expect(await user.introspect('r-1')).toBeUndefined();
  expect(await user.introspect('the-code')).toBeUndefined();
  await user.restrict({ locked: true });
  expect(await user.introspect('a-1')).toBeUndefined();
  await user.restrict({ locked: false });
  await runSql('UPDATE sessions SET expires_ms = expires_ms - 1000000');
  expect(await user.introspect('a-1')).toBeUndefined();
  await user.createSession({ accessToken: 'a-2', deviceId });
  expect(await user.introspect('a-2')).toEqual({ deviceId, expiresMs: null });
});

test('to be looked at is not to be used: the old token goes on until a client shows the new one', async () => {
  await user.storeCode(code);
  await user.redeemCode(proof, tokens('1'));
  await refresh('1', '2');
  expect(await user.introspect('a-2')).toMatchObject({ clientId: 'client' });
  expect(await isAlive('1')).toBe(true);
});

test('a device that signs in by password is no longer one of OAuth', async () => {
  await user.storeCode(code);
  await user.redeemCode(proof, tokens('1'));
  await user.createSession({ accessToken: 'a-2', deviceId });
  expect(await user.isGrant(deviceId)).toBe(false);
  expect(await isAlive('1')).toBe(false);
  expect(await refresh('1', '3')).toEqual(refused);
});
