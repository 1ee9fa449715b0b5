import { beforeAll, expect, test } from 'vitest';
import {
  type KeyPair,
  makeCrossSigningKey,
  makeDeviceKeys,
  makeKeyPair,
  makeOneTimeKeys,
  signAs,
} from '../harness/signing-keys.ts';
import { Person } from './lib/attacker.ts';
import { target } from './lib/target.ts';

/** C5: whoever has a session, even a stolen one, does not change who the devices and the person are. */
const { url } = target;
let olive: Person;
let mallory: Person;
let device: KeyPair;
let deviceKeys: ReturnType<typeof makeDeviceKeys>;
const master = makeKeyPair();

beforeAll(async () => {
  olive = await Person.register(url, 'c5-olive');
  mallory = await Person.register(url, 'c5-mallory');
  device = makeKeyPair();
  deviceKeys = makeDeviceKeys(olive.userId, olive.deviceId, device);
  await olive.ok('POST', '/v3/keys/upload', { device_keys: deviceKeys });
  await olive.ok('POST', '/v3/keys/device_signing/upload', {
    master_key: makeCrossSigningKey(olive.userId, 'master', master),
    self_signing_key: makeCrossSigningKey(olive.userId, 'self_signing', makeKeyPair(), master),
    user_signing_key: makeCrossSigningKey(olive.userId, 'user_signing', makeKeyPair(), master),
  });
});

const keysOfOlive = (by: Person) => by.ok('POST', '/v3/keys/query', { device_keys: { [olive.userId]: [] } });

test('C5: the keys of a device stay, whatever is uploaded after them', async () => {
  const before = await keysOfOlive(mallory);
  const others = makeDeviceKeys(olive.userId, olive.deviceId, makeKeyPair());
  const uploads: unknown[] = [
    others,
    { ...deviceKeys, keys: { ...deviceKeys.keys, [`ed25519:${olive.deviceId}`]: makeKeyPair().publicKey } },
    { ...deviceKeys, keys: {} },
    { ...deviceKeys, user_id: mallory.userId },
    { ...deviceKeys, device_id: 'OTHER' },
    { ...deviceKeys, keys: null },
    { ...deviceKeys, algorithms: null },
    { ...deviceKeys, signatures: null },
    { ...deviceKeys, signatures: {} },
    { ...deviceKeys, signatures: others.signatures },
    // Had one of these taken the place of what is signed, this would now replace it.
    others,
    null,
    [],
    'x',
  ];
  for (const upload of uploads) {
    const { status } = await olive.call('POST', '/v3/keys/upload', { device_keys: upload });
    expect({ upload, refused: status >= 400 && status < 500 }).toEqual({ upload, refused: true });
  }
  expect(await keysOfOlive(mallory)).toEqual(before);
});

test('C5: one-time keys that are none are refused, and one that is there is not replaced', async () => {
  const [first] = Object.entries(makeOneTimeKeys(olive.userId, olive.deviceId, device, 1));
  const [, other] = Object.entries(makeOneTimeKeys(olive.userId, olive.deviceId, device, 1))[0] ?? [];
  const upload = (one_time_keys: unknown) => olive.call('POST', '/v3/keys/upload', { one_time_keys });
  const [name = '', key] = first ?? [];
  expect((await upload({ [name]: key })).status).toBe(200);
  for (const keys of [
    { [name]: other },
    { [name]: null },
    { 'signed_curve25519:Z': 7 },
    { nocolon: key },
    null,
  ]) {
    expect((await upload(keys)).status).toBe(400);
  }
  const { one_time_keys: claimed } = await mallory.ok('POST', '/v3/keys/claim', {
    one_time_keys: { [olive.userId]: { [olive.deviceId]: 'signed_curve25519' } },
  });
  expect(claimed[olive.userId][olive.deviceId]).toEqual({ [name]: key });
});

test('C5: another identity needs the password, and its keys a signature of its master key', async () => {
  const before = await keysOfOlive(olive);
  const other = makeKeyPair();
  const replaced = { master_key: makeCrossSigningKey(olive.userId, 'master', other) };
  const upload = (by: Person, body: object) => by.call('POST', '/v3/keys/device_signing/upload', body);
  expect(await upload(olive, replaced)).toMatchObject({
    status: 401,
    body: { flows: [{ stages: ['m.login.password'] }, { stages: ['m.login.sso'] }] },
  });
  const auths = [
    { type: 'm.login.dummy' },
    { type: 'm.login.sso' },
    { type: 'm.login.password', user: 'c5-olive', password: 'guess' },
    { type: 'm.login.password', user: 'c5-mallory', password: 'a long password' },
    { type: 'm.login.password', user: mallory.userId, password: 'a long password' },
  ];
  for (const auth of auths) {
    expect([401, 403]).toContain((await upload(olive, { ...replaced, auth })).status);
  }
  const auth = { type: 'm.login.password', user: 'c5-olive', password: 'a long password' };
  for (const forged of [
    { self_signing_key: makeCrossSigningKey(olive.userId, 'self_signing', makeKeyPair()) },
    { self_signing_key: makeCrossSigningKey(olive.userId, 'self_signing', makeKeyPair(), makeKeyPair()) },
    { user_signing_key: makeCrossSigningKey(olive.userId, 'user_signing', makeKeyPair(), makeKeyPair()) },
    { master_key: makeCrossSigningKey(mallory.userId, 'master', other) },
    { master_key: makeCrossSigningKey(olive.userId, 'user_signing', other) },
    {
      master_key: {
        ...makeCrossSigningKey(olive.userId, 'master', other),
        keys: { 'ed25519:x': other.publicKey },
      },
    },
  ]) {
    expect((await upload(olive, { ...forged, auth })).status).toBe(400);
  }
  expect(await keysOfOlive(olive)).toEqual(before);
});

test('C5: nobody signs for another, and no signature counts that does not fit', async () => {
  const before = await keysOfOlive(mallory);
  const forger = makeKeyPair();
  const masterKey = before.master_keys[olive.userId];
  const sign = (body: object) => mallory.ok('POST', '/v3/keys/signatures/upload', body);
  const forged = [
    // In the name of another.
    { [master.publicKey]: signAs(masterKey, olive.userId, forger) },
    // In one's own name, by a key that one never uploaded.
    { [master.publicKey]: signAs(masterKey, mallory.userId, forger) },
    // Of the devices of another.
    { [olive.deviceId]: signAs(deviceKeys, mallory.userId, forger) },
    // Of something else than there is.
    { [master.publicKey]: signAs({ ...masterKey, keys: {} }, mallory.userId, forger) },
  ];
  for (const objects of forged) {
    const { failures } = await sign({ [olive.userId]: objects });
    expect(Object.keys(failures[olive.userId])).toEqual(Object.keys(objects));
  }
  expect(await keysOfOlive(mallory)).toEqual(before);
});
