import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import type { DeviceId, RoomId, UserId } from '../../../../matrix/identifiers.ts';
import {
  makeCrossSigningKey,
  makeDeviceKeys,
  makeKeyPair,
  makeOneTimeKeys,
  signAs,
} from '../../../../test/harness/signing-keys.ts';
import type { Env } from '../../env.ts';
import { makeStubs } from '../stubs.ts';
import type { BackedUpSession } from '../user-keys-rpc.ts';

const stubs = makeStubs(env as unknown as Env);
const algorithm = 'signed_curve25519';
let users = 0;

/** A user that no other test knows, with the keys of one device. */
function newUser() {
  users += 1;
  const userId = `@user${users}:roost.test` as UserId;
  const deviceId = 'PHONE' as DeviceId;
  const device = makeKeyPair();
  return {
    userId,
    deviceId,
    device,
    keys: stubs.userKeys(userId),
    deviceKeys: makeDeviceKeys(userId, deviceId, device),
    oneTimeKeys: (count: number, from = 0) => makeOneTimeKeys(userId, deviceId, device, count, from),
  };
}

describe('one-time keys', () => {
  test('C4: 50 callers at once get 40 different keys in upload order, then the fallback key', async () => {
    const { keys, deviceId, oneTimeKeys, device, userId } = newUser();
    const uploaded = oneTimeKeys(40);
    const fallback = { [`${algorithm}:FALLBACK`]: signAs({ key: 'f', fallback: true }, userId, device) };
    await keys.upload(deviceId, { oneTimeKeys: uploaded, fallbackKeys: fallback });

    const claims = await Promise.all(Array.from({ length: 50 }, () => keys.claim({ [deviceId]: algorithm })));
    const names = claims.flatMap((claim) => Object.keys(claim[deviceId] ?? {}));
    expect(names).toHaveLength(50);
    expect(names.filter((name) => !name.endsWith('FALLBACK'))).toEqual(Object.keys(uploaded));
    expect(names.filter((name) => name.endsWith('FALLBACK'))).toHaveLength(10);

    const counts = await keys.upload(deviceId, {});
    expect(counts).toEqual({
      kind: 'counts',
      oneTimeKeyCounts: { [algorithm]: 0 },
      unusedFallbackKeyTypes: [],
    });
  });

  test('an identical upload changes nothing, also when keys have been claimed meanwhile', async () => {
    const { keys, deviceId, oneTimeKeys } = newUser();
    const uploaded = oneTimeKeys(3);
    await keys.upload(deviceId, { oneTimeKeys: uploaded });
    await keys.claim({ [deviceId]: algorithm });
    const again = await keys.upload(deviceId, { oneTimeKeys: uploaded });
    expect(again).toMatchObject({ kind: 'counts', oneTimeKeyCounts: { [algorithm]: 2 } });
    const rest = [await keys.claim({ [deviceId]: algorithm }), await keys.claim({ [deviceId]: algorithm })];
    expect(rest.map((claim) => Object.keys(claim[deviceId] ?? {})[0])).toEqual(
      Object.keys(uploaded).slice(1),
    );
    expect(await keys.claim({ [deviceId]: algorithm })).toEqual({});
  });

  test('a different key under a known id is refused in words that SDKs parse, and nothing is stored', async () => {
    const { keys, deviceId, oneTimeKeys } = newUser();
    const [name = '', old] = Object.entries(oneTimeKeys(1))[0] ?? [];
    await keys.upload(deviceId, { oneTimeKeys: { [name]: old ?? '' } });
    const other = { ...oneTimeKeys(2, 0) };
    const refused = await keys.upload(deviceId, { oneTimeKeys: other });
    expect(refused).toMatchObject({ kind: 'denied', status: 400, errcode: 'M_UNKNOWN' });
    expect((refused as { error: string }).error).toMatch(
      /^One time key signed_curve25519:AAAA000 already exists\. Old key: \{.*\}; new key: \{.*\}$/,
    );
    expect(await keys.upload(deviceId, {})).toMatchObject({ oneTimeKeyCounts: { [algorithm]: 1 } });
  });

  test('a fallback key keeps its mark of use until it is replaced', async () => {
    const { keys, deviceId } = newUser();
    const first = { [`${algorithm}:F1`]: { key: 'one', fallback: true } };
    await keys.upload(deviceId, { fallbackKeys: first });
    await keys.claim({ [deviceId]: algorithm });
    expect(await keys.upload(deviceId, { fallbackKeys: first })).toMatchObject({
      unusedFallbackKeyTypes: [],
    });
    const second = await keys.upload(deviceId, { fallbackKeys: { [`${algorithm}:F2`]: { key: 'two' } } });
    expect(second).toMatchObject({ unusedFallbackKeyTypes: [algorithm] });
  });

  test('an unknown device or algorithm gets nothing', async () => {
    const { keys, deviceId, oneTimeKeys } = newUser();
    await keys.upload(deviceId, { oneTimeKeys: oneTimeKeys(1) });
    expect(await keys.claim({ ['OTHER' as DeviceId]: algorithm, [deviceId]: 'made_up' })).toEqual({});
  });
});

describe('device keys', () => {
  test('are served as uploaded, with the name of the device', async () => {
    const { keys, deviceId, deviceKeys, userId } = newUser();
    await keys.upload(deviceId, { deviceKeys, displayName: 'My phone' });
    const { deviceKeys: served } = await keys.query([], userId);
    expect(served).toEqual({
      [deviceId]: { ...deviceKeys, unsigned: { device_display_name: 'My phone' } },
    });
    await keys.setDeviceName(deviceId, undefined);
    expect((await keys.query([deviceId], userId)).deviceKeys[deviceId]?.unsigned).toEqual({});
    expect((await keys.query(['OTHER' as DeviceId], userId)).deviceKeys).toEqual({});
  });

  test('C5: the identity of a device does not change, and no other device can be claimed', async () => {
    const { keys, deviceId, deviceKeys, userId } = newUser();
    await keys.upload(deviceId, { deviceKeys });
    const usurpers = [
      makeDeviceKeys(userId, deviceId, makeKeyPair()),
      { ...deviceKeys, keys: {} },
      { ...deviceKeys, user_id: '@other:roost.test' },
      { ...deviceKeys, device_id: 'OTHER' },
    ];
    for (const usurper of usurpers) {
      expect(await keys.upload(deviceId, { deviceKeys: usurper })).toMatchObject({
        kind: 'denied',
        status: 400,
      });
    }
    expect((await keys.query([], userId)).deviceKeys[deviceId]).toMatchObject(deviceKeys);
  });

  test('C5: keys that they do not sign themselves are no identity: others replace them, and nothing stays of them', async () => {
    const { keys, deviceId, deviceKeys, userId, oneTimeKeys } = newUser();
    const unsigned = { ...deviceKeys, signatures: {}, keys: { [`ed25519:${deviceId}`]: 'AAAA' } };
    await keys.upload(deviceId, { deviceKeys: unsigned, oneTimeKeys: oneTimeKeys(2) });
    expect(await keys.upload(deviceId, { deviceKeys })).toMatchObject({
      oneTimeKeyCounts: { [algorithm]: 0 },
    });
    expect((await keys.query([], userId)).deviceKeys[deviceId]).toMatchObject(deviceKeys);
    expect(await keys.upload(deviceId, { deviceKeys: unsigned })).toMatchObject({
      kind: 'denied',
      status: 400,
    });
  });

  test('go with the device, and its one-time keys with them', async () => {
    const { keys, deviceId, deviceKeys, userId, oneTimeKeys } = newUser();
    await keys.upload(deviceId, {
      deviceKeys,
      oneTimeKeys: oneTimeKeys(2),
      fallbackKeys: { [`${algorithm}:F`]: 'f' },
    });
    await keys.deleteDevices([deviceId]);
    expect((await keys.query([], userId)).deviceKeys).toEqual({});
    expect(await keys.claim({ [deviceId]: algorithm })).toEqual({});
  });
});

/** A user with a device and a full identity, not uploaded yet. */
function withIdentity() {
  const user = newUser();
  const pairs = { master: makeKeyPair(), selfSigning: makeKeyPair(), userSigning: makeKeyPair() };
  const identity = {
    masterKey: makeCrossSigningKey(user.userId, 'master', pairs.master),
    selfSigningKey: makeCrossSigningKey(user.userId, 'self_signing', pairs.selfSigning, pairs.master),
    userSigningKey: makeCrossSigningKey(user.userId, 'user_signing', pairs.userSigning, pairs.master),
  };
  return { ...user, pairs, identity };
}

describe('cross-signing', () => {
  test('a first upload and its repetition need no authorization, a change does', async () => {
    const { keys, identity, userId } = withIdentity();
    expect(await keys.uploadCrossSigning(identity, false)).toEqual({ kind: 'done' });
    expect(await keys.uploadCrossSigning(identity, false)).toEqual({ kind: 'done' });
    const master = makeKeyPair();
    const other = { masterKey: makeCrossSigningKey(userId, 'master', master) };
    expect(await keys.uploadCrossSigning(other, false)).toEqual({ kind: 'unauthorized' });
    expect((await keys.query([], userId)).masterKey).toEqual(identity.masterKey);

    expect(await keys.uploadCrossSigning(other, true)).toEqual({ kind: 'done' });
    const replaced = await keys.query([], userId);
    expect(replaced.masterKey).toEqual(other.masterKey);
    expect(replaced.selfSigningKey).toBeUndefined();
    expect(replaced.userSigningKey).toBeUndefined();
  });

  test('the user-signing key is shown to its owner only', async () => {
    const { keys, identity, userId } = withIdentity();
    await keys.uploadCrossSigning(identity, false);
    expect((await keys.query([], userId)).userSigningKey).toEqual(identity.userSigningKey);
    const seen = await keys.query([], '@stranger:roost.test' as UserId);
    expect(seen).toMatchObject({ masterKey: identity.masterKey, selfSigningKey: identity.selfSigningKey });
    expect(seen.userSigningKey).toBeUndefined();
  });

  test('refused: no master key, a key not signed by it, of another user, or with the id of a device', async () => {
    const { keys, identity, userId, deviceId, deviceKeys } = withIdentity();
    const upload = (body: Parameters<typeof keys.uploadCrossSigning>[0]) =>
      keys.uploadCrossSigning(body, true);
    expect(await upload({ selfSigningKey: identity.selfSigningKey })).toMatchObject({
      errcode: 'M_MISSING_PARAM',
    });
    const stranger = makeCrossSigningKey(userId, 'self_signing', makeKeyPair(), makeKeyPair());
    expect(await upload({ masterKey: identity.masterKey, selfSigningKey: stranger })).toMatchObject({
      errcode: 'M_INVALID_SIGNATURE',
    });
    for (const masterKey of [
      makeCrossSigningKey('@other:roost.test', 'master', makeKeyPair()),
      makeCrossSigningKey(userId, 'user_signing', makeKeyPair()),
      { ...identity.masterKey, keys: {} },
      { ...identity.masterKey, keys: { 'ed25519:short': 'short' } },
    ]) {
      expect(await upload({ masterKey })).toMatchObject({ errcode: 'M_INVALID_PARAM' });
    }
    expect((await keys.query([], userId)).masterKey).toBeUndefined();

    const pair = makeKeyPair();
    const named = pair.publicKey as DeviceId;
    await keys.upload(named, { deviceKeys: { ...deviceKeys, device_id: named, keys: {} } });
    expect(await upload({ masterKey: makeCrossSigningKey(userId, 'master', pair) })).toMatchObject({
      status: 403,
      errcode: 'M_FORBIDDEN',
    });
    expect(deviceId).not.toBe(named);
  });

  test('own signatures are verified, merged, and gone with what they sign', async () => {
    const { keys, identity, pairs, userId, deviceId, device, deviceKeys } = withIdentity();
    await keys.upload(deviceId, { deviceKeys });
    await keys.uploadCrossSigning(identity, false);
    const signedDevice = signAs(deviceKeys, userId, pairs.selfSigning);
    const signedMaster = signAs(identity.masterKey, userId, device, deviceId);
    const failures = await keys.addOwnSignatures({
      [deviceId]: signedDevice,
      [pairs.master.publicKey]: signedMaster,
      UNKNOWN: signedDevice,
    });
    expect(failures).toEqual({ UNKNOWN: { errcode: 'M_NOT_FOUND', error: expect.any(String) } });
    const seen = await keys.query([], '@stranger:roost.test' as UserId);
    expect(seen.deviceKeys[deviceId]?.signatures).toEqual(signedDevice.signatures);
    expect(seen.masterKey?.signatures).toEqual(signedMaster.signatures);

    const forged = {
      ...deviceKeys,
      signatures: { [userId]: { [`ed25519:${pairs.selfSigning.publicKey}`]: 'AAAA' } },
    };
    const altered = signAs({ ...deviceKeys, algorithms: [] }, userId, pairs.selfSigning);
    for (const object of [forged, altered, deviceKeys]) {
      expect(await keys.addOwnSignatures({ [deviceId]: object })).toMatchObject({
        [deviceId]: { errcode: 'M_INVALID_SIGNATURE' },
      });
    }
    await keys.deleteDevices([deviceId]);
    expect((await keys.query([], userId)).masterKey?.signatures).toBeUndefined();
  });

  test("another's signature of the master key is shown to the one who made it", async () => {
    const alice = withIdentity();
    const bob = withIdentity();
    await bob.keys.uploadCrossSigning(bob.identity, false);
    const target = bob.pairs.master.publicKey;
    const signed = signAs(bob.identity.masterKey, alice.userId, alice.pairs.userSigning);
    const sign = (signingKey: typeof alice.identity.userSigningKey | undefined) =>
      bob.keys.addForeignSignatures(alice.userId, signingKey, { [target]: signed });
    expect(await sign(undefined)).toMatchObject({ [target]: { errcode: 'M_INVALID_SIGNATURE' } });
    expect(await sign(bob.identity.userSigningKey)).toMatchObject({
      [target]: { errcode: 'M_INVALID_SIGNATURE' },
    });
    expect(await sign(alice.identity.userSigningKey)).toEqual({});
    expect((await bob.keys.query([], alice.userId)).masterKey?.signatures).toEqual(signed.signatures);
    expect((await bob.keys.query([], bob.userId)).masterKey?.signatures).toBeUndefined();
  });
});

describe('key backup', () => {
  const room = '!room:roost.test' as RoomId;
  const session = (changes: Partial<BackedUpSession> = {}): BackedUpSession => ({
    first_message_index: 5,
    forwarded_count: 1,
    is_verified: false,
    session_data: { ciphertext: 'c' },
    ...changes,
  });

  test('versions: created, described, changed, deleted and never used again', async () => {
    const { keys } = newUser();
    expect(await keys.getBackup()).toMatchObject({ kind: 'denied', errcode: 'M_NOT_FOUND' });
    const first = await keys.createBackup('m.megolm_backup.v1', { public_key: 'a' });
    const second = await keys.createBackup('m.megolm_backup.v1', { public_key: 'b' });
    expect(await keys.getBackup()).toMatchObject({
      version: second,
      authData: { public_key: 'b' },
      count: 0,
    });
    expect(await keys.getBackup(first)).toMatchObject({ version: first });
    expect(await keys.updateBackup(second, 'other', {})).toMatchObject({ errcode: 'M_INVALID_PARAM' });
    expect(await keys.updateBackup(second, 'm.megolm_backup.v1', { public_key: 'c' })).toEqual({
      kind: 'done',
    });
    expect(await keys.deleteBackup(second)).toEqual({ kind: 'done' });
    expect(await keys.deleteBackup(second)).toMatchObject({ errcode: 'M_NOT_FOUND' });
    expect(await keys.getBackup()).toMatchObject({ version: first });
    expect(Number(await keys.createBackup('m.megolm_backup.v1', {}))).toBeGreaterThan(Number(second));
    for (const version of ['0', '-1', 'x', '1e9', '']) {
      expect(await keys.getBackup(version)).toMatchObject({ errcode: 'M_NOT_FOUND' });
    }
  });

  test.each([
    ['verified over unverified', { is_verified: true, first_message_index: 9 }, true],
    ['a lower first index', { first_message_index: 4, forwarded_count: 9 }, true],
    ['a lower forwarded count at the same index', { forwarded_count: 0 }, true],
    ['the same', {}, false],
    ['a higher index', { first_message_index: 6, forwarded_count: 0 }, false],
    ['a higher forwarded count', { forwarded_count: 2 }, false],
  ])('a session is replaced by a better copy: %s', async (_, changes, isReplaced) => {
    const { keys } = newUser();
    const version = await keys.createBackup('m.megolm_backup.v1', {});
    const before = await keys.putBackupSessions(version, { [room]: { S: session() } });
    const candidate = session({ ...changes, session_data: { ciphertext: 'new' } });
    const after = await keys.putBackupSessions(version, { [room]: { S: candidate } });
    expect(after).toMatchObject({ kind: 'changed', count: 1 });
    expect((after as { etag: string }).etag !== (before as { etag: string }).etag).toBe(isReplaced);
    const scope = { roomId: room, sessionId: 'S' };
    expect(await keys.getBackupSessions(version, scope)).toEqual({
      kind: 'sessions',
      rooms: { [room]: { S: isReplaced ? candidate : session() } },
    });
  });

  test('a verified copy is not replaced by an unverified one', async () => {
    const { keys } = newUser();
    const version = await keys.createBackup('m.megolm_backup.v1', {});
    await keys.putBackupSessions(version, { [room]: { S: session({ is_verified: true }) } });
    await keys.putBackupSessions(version, { [room]: { S: session({ first_message_index: 0 }) } });
    expect(await keys.getBackupSessions(version, { roomId: room })).toMatchObject({
      rooms: { [room]: { S: { is_verified: true, first_message_index: 5 } } },
    });
  });

  test('only the current version takes keys', async () => {
    const { keys } = newUser();
    const old = await keys.createBackup('m.megolm_backup.v1', {});
    const current = await keys.createBackup('m.megolm_backup.v1', {});
    expect(await keys.putBackupSessions(old, {})).toEqual({ kind: 'wrong_version', currentVersion: current });
    expect(await keys.putBackupSessions('99', {})).toMatchObject({ errcode: 'M_NOT_FOUND' });
  });

  test('more sessions than one page are read in pages, counted, and deleted by scope', async () => {
    const { keys } = newUser();
    const version = await keys.createBackup('m.megolm_backup.v1', {});
    const many = Object.fromEntries(Array.from({ length: 520 }, (_, index) => [`S${index}`, session()]));
    const other = '!other:roost.test' as RoomId;
    const put = await keys.putBackupSessions(version, {
      [room]: many,
      [other]: { A: session(), B: session() },
    });
    expect(put).toMatchObject({ count: 522 });

    const first = await keys.getBackupSessions(version, {});
    if (first.kind !== 'sessions' || !first.next) throw new Error('expected a first page');
    const second = await keys.getBackupSessions(version, { after: first.next });
    if (second.kind !== 'sessions') throw new Error('expected a second page');
    expect(second.next).toBeUndefined();
    const ids = [first, second].flatMap(({ rooms }) =>
      Object.values(rooms).flatMap((one) => Object.keys(one)),
    );
    expect(ids).toHaveLength(522);

    expect(await keys.deleteBackupSessions(version, { roomId: other, sessionId: 'A' })).toMatchObject({
      count: 521,
    });
    expect(await keys.deleteBackupSessions(version, { roomId: room })).toMatchObject({ count: 1 });
    const emptied = await keys.deleteBackupSessions(version, {});
    expect(emptied).toMatchObject({ count: 0 });
    expect(await keys.deleteBackupSessions(version, {})).toEqual(emptied);
    expect(await keys.getBackupSessions(version, { roomId: room, sessionId: 'S1' })).toMatchObject({
      errcode: 'M_NOT_FOUND',
    });
    expect(await keys.getBackupSessions(version, {})).toEqual({ kind: 'sessions', rooms: {} });
  });
});
