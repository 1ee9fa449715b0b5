import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import {
  call,
  logIn,
  makeTables,
  password,
  registerUser,
  type Signed,
} from '../../../../../test/harness/homeserver-worker.ts';
import {
  type KeyPair,
  makeCrossSigningKey,
  makeDeviceKeys,
  makeKeyPair,
  makeOneTimeKeys,
  signAs,
} from '../../../../../test/harness/signing-keys.ts';
import type { Env } from '../../../env.ts';
import { makeStubs } from '../../../objects/stubs.ts';

beforeAll(makeTables);

const algorithm = 'signed_curve25519';
const stubs = makeStubs(env as unknown as Env);
type Nested = Record<string, Record<string, Record<string, unknown>>>;

const upload = (user: Signed, body: unknown) =>
  call('POST', '/v3/keys/upload', { token: user.accessToken, body });
const query = async (user: Signed, ...userIds: string[]) =>
  (
    await call('POST', '/v3/keys/query', {
      token: user.accessToken,
      body: { device_keys: Object.fromEntries(userIds.map((userId) => [userId, []])) },
    })
  ).body as Nested;

/** A signed-in user with uploaded device keys. */
async function withKeys(name: string): Promise<{ user: Signed; device: KeyPair }> {
  const user = await registerUser(name, { initial_device_display_name: `${name}'s phone` });
  const device = makeKeyPair();
  await upload(user, { device_keys: makeDeviceKeys(user.userId, user.deviceId, device) });
  return { user, device };
}

/** What `userId` has been told of device lists so far. */
const told = async (userId: string) => (await stubs.user(userId as UserId).deviceListChanges('')).changed;

describe('upload, query and claim', () => {
  test('counts are answered, keys served with the device name, claimed once', async () => {
    const { user: anna, device } = await withKeys('anna');
    const bert = await registerUser('bert');
    const oneTimeKeys = makeOneTimeKeys(anna.userId, anna.deviceId, device, 1);
    const fallback = { [`${algorithm}:F`]: signAs({ key: 'x', fallback: true }, anna.userId, device) };
    const first = await upload(anna, { one_time_keys: oneTimeKeys, fallback_keys: fallback });
    expect(first).toMatchObject({ status: 200, body: { one_time_key_counts: { [algorithm]: 1 } } });
    expect((await upload(anna, { one_time_keys: oneTimeKeys })).body).toEqual(first.body);

    const seen = await query(bert, anna.userId, '@nobody:roost.test', '@far:other.test', 'nonsense');
    expect(Object.keys(seen.device_keys ?? {})).toEqual([anna.userId]);
    expect(seen.device_keys?.[anna.userId]?.[anna.deviceId]).toMatchObject({
      user_id: anna.userId,
      unsigned: { device_display_name: "anna's phone" },
    });
    expect(seen.failures).toMatchObject({ 'other.test': { errcode: 'M_UNREACHABLE' } });

    const claim = async () =>
      (
        await call('POST', '/v3/keys/claim', {
          token: bert.accessToken,
          body: {
            one_time_keys: {
              [anna.userId]: { [anna.deviceId]: algorithm },
              '@x:other.test': { D: algorithm },
            },
          },
        })
      ).body as Nested;
    expect((await claim()).one_time_keys).toEqual({ [anna.userId]: { [anna.deviceId]: oneTimeKeys } });
    const second = await claim();
    expect(second.one_time_keys).toEqual({ [anna.userId]: { [anna.deviceId]: fallback } });
    expect(second.failures).toHaveProperty(['other.test']);
  });

  test('another key under a known id is refused in the words that SDKs parse', async () => {
    const { user, device } = await withKeys('carl');
    const keys = () => makeOneTimeKeys(user.userId, user.deviceId, device, 1);
    await upload(user, { one_time_keys: keys() });
    expect(await upload(user, { one_time_keys: keys() })).toMatchObject({
      status: 400,
      body: { errcode: 'M_UNKNOWN', error: expect.stringMatching(/Old key: \{.+\}; new key: \{.+\}$/) },
    });
  });

  test('C5: malformed keys are refused', async () => {
    const user = await registerUser('dora');
    const keys = makeDeviceKeys(user.userId, user.deviceId, makeKeyPair());
    const { user_id: _, ...nameless } = keys;
    for (const device_keys of [
      null,
      [],
      'x',
      nameless,
      { ...keys, keys: null },
      { ...keys, keys: { a: 1 } },
      { ...keys, algorithms: 'x' },
      { ...keys, signatures: { a: 'b' } },
      { ...keys, extra: 1.5 },
      { ...keys, extra: 'x'.repeat(70_000) },
    ]) {
      expect(await upload(user, { device_keys })).toMatchObject({
        status: 400,
        body: { errcode: 'M_BAD_JSON' },
      });
    }
    for (const one_time_keys of [
      null,
      [1],
      { nocolon: 'x' },
      { 'a:b': null },
      { 'a:b': {} },
      { 'a:b': { key: 1 } },
    ]) {
      expect(await upload(user, { one_time_keys })).toMatchObject({
        status: 400,
        body: { errcode: 'M_BAD_JSON' },
      });
    }
    expect(
      (await upload(user, { device_keys: { ...keys, user_id: '@other:roost.test' } })).body.errcode,
    ).toBe('M_INVALID_PARAM');
    expect((await query(user, user.userId)).device_keys).toEqual({ [user.userId]: {} });
  });

  test('an application service needs to name its device', async () => {
    const token = 'test-as-token';
    const body = { one_time_keys: { 'a:b': 'c' } };
    expect((await call('POST', '/v3/keys/upload', { token, body })).body.errcode).toBe('M_MISSING_PARAM');
    await call('PUT', '/v3/devices/BRIDGE', { token, body: {} });
    const named = await call('POST', '/v3/keys/upload?device_id=BRIDGE', { token, body });
    expect(named.body).toEqual({ one_time_key_counts: { a: 1, [algorithm]: 0 } });
  });
});

describe('cross-signing', () => {
  const proof = (user: Signed) => ({
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: user.userId },
    password,
  });
  const identityOf = (user: Signed) => {
    const pairs = { master: makeKeyPair(), selfSigning: makeKeyPair(), userSigning: makeKeyPair() };
    return {
      pairs,
      keys: {
        master_key: makeCrossSigningKey(user.userId, 'master', pairs.master),
        self_signing_key: makeCrossSigningKey(user.userId, 'self_signing', pairs.selfSigning, pairs.master),
        user_signing_key: makeCrossSigningKey(user.userId, 'user_signing', pairs.userSigning, pairs.master),
      },
    };
  };
  const put = (user: Signed, body: object) =>
    call('POST', '/v3/keys/device_signing/upload', { token: user.accessToken, body });
  const sign = (user: Signed, body: object) =>
    call('POST', '/v3/keys/signatures/upload', { token: user.accessToken, body });

  test('first without authentication, again the same, then only with the password', async () => {
    const { user } = await withKeys('emma');
    const first = identityOf(user).keys;
    const early = { ...first, auth: { ...proof(user), session: null } };
    expect(await put(user, early)).toMatchObject({ status: 200, body: {} });
    expect((await put(user, first)).status).toBe(200);
    const second = identityOf(user).keys;
    const challenge = await put(user, second);
    const flows = [{ stages: ['m.login.password'] }, { stages: ['m.login.sso'] }];
    expect(challenge).toMatchObject({ status: 401, body: { flows } });
    const { session } = challenge.body;
    for (const auth of [{ ...proof(user), password: 'wrong' }, { type: 'm.login.dummy' }, { session }]) {
      expect((await put(user, { ...second, auth })).status).toBe(401);
    }
    expect((await query(user, user.userId)).master_keys?.[user.userId]).toEqual(first.master_key);
    // R13: the session was begun for other keys.
    const stolen = { ...identityOf(user).keys, auth: { ...proof(user), session } };
    expect((await put(user, stolen)).status).toBe(401);

    expect((await put(user, { ...second, auth: { ...proof(user), session } })).status).toBe(200);
    expect((await query(user, user.userId)).master_keys?.[user.userId]).toEqual(second.master_key);
  });

  test('named errors', async () => {
    const { user } = await withKeys('fred');
    const { keys, pairs } = identityOf(user);
    expect((await put(user, { self_signing_key: keys.self_signing_key })).body.errcode).toBe(
      'M_MISSING_PARAM',
    );
    const badly = {
      ...keys,
      self_signing_key: makeCrossSigningKey(user.userId, 'self_signing', pairs.selfSigning),
    };
    expect((await put(user, badly)).body.errcode).toBe('M_INVALID_SIGNATURE');
    expect((await put(user, { master_key: null })).body.errcode).toBe('M_BAD_JSON');
  });

  test('signatures: own devices for all, of others for oneself, failures by user and key', async () => {
    const { user: gina, device } = await withKeys('gina');
    const { user: hugo } = await withKeys('hugo');
    const ginas = identityOf(gina);
    const hugos = identityOf(hugo);
    await put(gina, ginas.keys);
    await put(hugo, hugos.keys);
    const deviceKeys = (await query(gina, gina.userId)).device_keys?.[gina.userId]?.[gina.deviceId];
    const { unsigned: _, ...plain } = deviceKeys as JsonObject;
    const hugosMaster = signAs(hugos.keys.master_key, gina.userId, ginas.pairs.userSigning);
    const body = {
      [gina.userId]: {
        [gina.deviceId]: signAs(plain, gina.userId, ginas.pairs.selfSigning),
        [ginas.pairs.master.publicKey]: signAs(ginas.keys.master_key, gina.userId, device, gina.deviceId),
        NONE: {},
      },
      [hugo.userId]: { [hugos.pairs.master.publicKey]: hugosMaster },
      '@nobody:roost.test': { K: {} },
    };
    expect((await sign(gina, body)).body).toMatchObject({
      failures: {
        [gina.userId]: { NONE: { errcode: 'M_NOT_FOUND' } },
        '@nobody:roost.test': { K: { errcode: 'M_NOT_FOUND' } },
      },
    });
    const seenByHugo = await query(hugo, gina.userId, hugo.userId);
    expect(seenByHugo.device_keys?.[gina.userId]?.[gina.deviceId]).toMatchObject({
      signatures: { [gina.userId]: { [`ed25519:${ginas.pairs.selfSigning.publicKey}`]: expect.any(String) } },
    });
    expect(Object.keys(seenByHugo.user_signing_keys ?? {})).toEqual([hugo.userId]);
    expect(seenByHugo.master_keys?.[hugo.userId]?.signatures).toBeUndefined();
    const seenByGina = await query(gina, hugo.userId);
    expect(seenByGina.master_keys?.[hugo.userId]?.signatures).toEqual(hugosMaster.signatures);
    // Gina's other devices learn of it by Hugo's device list.
    expect(await told(gina.userId)).toContain(hugo.userId);
  });
});

describe('news of keys', () => {
  test('a changed device list is told to oneself and to those sharing a room, not to others', async () => {
    const [ida, jan, stranger] = await Promise.all(
      ['ida', 'jan', 'stranger'].map((name) => registerUser(name)),
    );
    if (!ida || !jan || !stranger) throw new Error('not registered');
    const room = await call('POST', '/v3/createRoom', {
      token: ida.accessToken,
      body: { preset: 'public_chat' },
    });
    const joined = await call('POST', `/v3/join/${encodeURIComponent(String(room.body.room_id))}`, {
      token: jan.accessToken,
      body: {},
    });
    expect(joined.status).toBe(200);
    await vi.waitFor(async () =>
      expect(await stubs.user(jan.userId as UserId).joinedRooms()).toHaveLength(1),
    );
    const before = (await told(jan.userId)).length;
    await upload(ida, { device_keys: makeDeviceKeys(ida.userId, ida.deviceId, makeKeyPair()) });
    await vi.waitFor(async () => {
      expect(await told(ida.userId)).toContain(ida.userId);
      expect(await told(jan.userId)).toContain(ida.userId);
    });
    expect(before).toBeLessThanOrEqual(1);
    expect(await told(stranger.userId)).not.toContain(ida.userId);
  });

  test('the key counts reach the sync of the device', async () => {
    const { user, device } = await withKeys('kurt');
    const counts = async () =>
      (await call('GET', '/v3/sync?timeout=0', { token: user.accessToken })).body.device_one_time_keys_count;
    await upload(user, { one_time_keys: makeOneTimeKeys(user.userId, user.deviceId, device, 3) });
    await vi.waitFor(async () => expect(await counts()).toEqual({ [algorithm]: 3 }));
    const wanted = { one_time_keys: { [user.userId]: { [user.deviceId]: algorithm } } };
    await call('POST', '/v3/keys/claim', { token: user.accessToken, body: wanted });
    await vi.waitFor(async () => expect(await counts()).toEqual({ [algorithm]: 2 }));
  });

  test('/keys/changes tells what sync would', async () => {
    const user = await registerUser('lars');
    const token = user.accessToken;
    const { next_batch: from } = (await call('GET', '/v3/sync?timeout=0', { token })).body;
    const changes = (query: string) => call('GET', `/v3/keys/changes?${query}`, { token });
    expect((await changes(`from=${from}`)).body).toEqual({ changed: [], left: [] });
    await upload(user, { device_keys: makeDeviceKeys(user.userId, user.deviceId, makeKeyPair()) });
    await vi.waitFor(async () => {
      expect((await changes(`from=${from}`)).body).toEqual({ changed: [user.userId], left: [] });
    });
    expect((await changes('to=x')).body.errcode).toBe('M_INVALID_PARAM');
  });
});

describe('to-device messages', () => {
  const inbox = async (user: Signed, since = '') =>
    ((await call('GET', `/v3/sync?timeout=0&since=${since}`, { token: user.accessToken })).body.to_device ?? {
      events: [],
    }) as { events: unknown[] };
  const send = (user: Signed, txnId: string, messages: object) =>
    call('PUT', `/v3/sendToDevice/m.test/${txnId}`, { token: user.accessToken, body: { messages } });

  test('reach the named device or all, once per transaction, and nobody unknown', async () => {
    const mia = await registerUser('mia');
    const phone = await registerUser('nils', { device_id: 'PHONE' });
    const laptop = await logIn('nils', { device_id: 'LAPTOP' });
    const toAll = { [phone.userId]: { '*': { n: 1 } } };
    expect((await send(mia, 't1', toAll)).body).toEqual({});
    await send(mia, 't1', toAll);
    await send(mia, 't2', {
      [phone.userId]: { PHONE: { n: 2 }, NONE: { n: 3 } },
      '@nobody:roost.test': { D: {} },
      '@far:other.test': { D: {} },
      nonsense: { D: {} },
    });
    // The same transaction id of another device is another transaction.
    await send(await logIn('mia'), 't1', { [phone.userId]: { PHONE: { n: 4 } } });
    const message = (n: number) => ({ type: 'm.test', sender: mia.userId, content: { n } });
    expect((await inbox(phone)).events).toEqual([message(1), message(2), message(4)]);
    expect((await inbox(laptop)).events).toEqual([message(1)]);
  });

  test('malformed ones are refused', async () => {
    const user = await registerUser('olga');
    for (const messages of [undefined, 'x', { [user.userId]: 'x' }, { [user.userId]: { D: 'x' } }]) {
      expect((await send(user, 't', messages as object)).body.errcode).toBe('M_BAD_JSON');
    }
    expect((await call('PUT', '/v3/sendToDevice/m.test/t', { body: { messages: {} } })).status).toBe(401);
  });
});
