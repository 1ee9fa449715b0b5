import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { p } from './lib/http.ts';
import { newOneTimeKeys, uploadDeviceKeys } from './lib/keys.ts';
import { newUser, newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

type Keys = Record<string, Record<string, Record<string, Record<string, unknown>>>>;

async function claim(asker: User, user: User): Promise<string[]> {
  const answer = await asker.ok<{ one_time_keys: Keys }>('POST', '/v3/keys/claim', {
    one_time_keys: { [user.userId]: { [user.deviceId]: 'signed_curve25519' } },
  });
  return Object.keys(answer.one_time_keys[user.userId]?.[user.deviceId] ?? {});
}

describe('Device keys', () => {
  test('The name of a device comes with its keys, for users of the server', async () => {
    const user = await newUser();
    await uploadDeviceKeys(user);
    await user.ok('PUT', p`/v3/devices/${user.deviceId}`, { display_name: 'Telephone' });
    const { device_keys: keys } = await user.ok<{ device_keys: Keys }>('POST', '/v3/keys/query', {
      device_keys: { [user.userId]: [] },
    });
    expect(keys[user.userId]?.[user.deviceId]).toMatchObject({
      unsigned: { device_display_name: 'Telephone' },
    });
  });

  test('Every sync tells how many one-time keys are left', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    await uploadDeviceKeys(alice, ['A', 'B']);
    const first = await alice.sync();
    expect(first.device_one_time_keys_count).toMatchObject({ signed_curve25519: 2 });
    await claim(bob, alice);
    const second = await alice.sync({ since: first.next_batch });
    expect(second.device_one_time_keys_count).toMatchObject({ signed_curve25519: 1 });
  });

  test('A fallback key is given out when there are no others, again and again', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const keys = await uploadDeviceKeys(alice, ['ONCE']);
    await alice.ok('POST', '/v3/keys/upload', {
      fallback_keys: Object.fromEntries(
        Object.entries(newOneTimeKeys(alice, keys, ['FALLBACK'])).map(([id, key]) => [
          id,
          { ...(key as object), fallback: true },
        ]),
      ),
    });
    const unused = async () =>
      ((await alice.sync()) as { device_unused_fallback_key_types?: string[] })
        .device_unused_fallback_key_types;
    expect(await unused()).toEqual(['signed_curve25519']);
    expect(await claim(bob, alice)).toEqual(['signed_curve25519:ONCE']);
    for (let i = 0; i < 2; i++) expect(await claim(bob, alice)).toEqual(['signed_curve25519:FALLBACK']);
    expect(await unused()).toEqual([]);
  });

  test('A device that is deleted has no keys, and is reported as a change', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    await uploadDeviceKeys(bob);
    const since = await alice.now();
    await bob.ok('POST', '/v3/logout', {});
    await alice.syncUntil(
      'the change',
      ({ device_lists: lists }) => (lists?.changed ?? []).includes(bob.userId),
      { since },
    );
    const { device_keys: keys } = await alice.ok<{ device_keys: Keys }>('POST', '/v3/keys/query', {
      device_keys: { [bob.userId]: [] },
    });
    expect(keys[bob.userId] ?? {}).toEqual({});
  });
});

describe('Key backup', () => {
  interface Backup {
    algorithm: string;
    auth_data: object;
    count: number;
    etag: string;
    version: string;
  }

  const description = {
    algorithm: 'm.megolm_backup.v1.curve25519-aes-sha2',
    auth_data: { public_key: 'abc', signatures: {} },
  };
  const key = {
    first_message_index: 0,
    forwarded_count: 0,
    is_verified: true,
    session_data: { ciphertext: 'c', ephemeral: 'e', mac: 'm' },
  };

  const backup = shared(async () => {
    const user = await newUser();
    const { version } = await user.ok<{ version: string }>('POST', '/v3/room_keys/version', description);
    return { user, version };
  });

  test('Where there is none it is not found', async () => {
    const user = await newUser();
    expect(await user.refusal('GET', '/v3/room_keys/version')).toEqual([404, 'M_NOT_FOUND']);
  });

  test('It counts its keys, and its etag changes with them', async () => {
    const { user, version } = await backup();
    const before = await user.ok<Backup>('GET', '/v3/room_keys/version');
    expect(before).toMatchObject({ ...description, version, count: 0 });
    const put = await user.ok<{ count: number; etag: string }>(
      'PUT',
      '/v3/room_keys/keys',
      { rooms: { '!room:example.org': { sessions: { session: key } } } },
      { version },
    );
    expect(put.count).toBe(1);
    expect(put.etag).not.toBe(before.etag);
    expect(await user.ok('GET', '/v3/room_keys/version')).toMatchObject({ count: 1, etag: put.etag });
  });

  test('Absent sessions are not found, absent rooms are empty', async () => {
    const { user, version } = await backup();
    const room = p`/v3/room_keys/keys/${'!absent:example.org'}`;
    expect(await user.ok('GET', room, undefined, { version })).toEqual({ sessions: {} });
    expect(await user.refusal('GET', `${room}/absent`, undefined, { version })).toEqual([404, 'M_NOT_FOUND']);
  });

  const outdated = shared(async () => {
    const { user, version } = await backup();
    const { version: newer } = await user.ok<{ version: string }>(
      'POST',
      '/v3/room_keys/version',
      description,
    );
    return { newer, answer: await user.call('PUT', '/v3/room_keys/keys', { rooms: {} }, { version }) };
  });

  test('Only the newest is written to', async () => {
    const { answer } = await outdated();
    expect([answer.status, answer.body.errcode]).toEqual([403, 'M_WRONG_ROOM_KEYS_VERSION']);
  });

  test('Who writes to another is told the newest', async () => {
    const { answer, newer } = await outdated();
    expect(answer.body.current_version).toBe(newer);
  });
});

describe('Push rules', () => {
  test('The rules of every account, in the order of the specification', async () => {
    const user = await newUser();
    const { global } = await user.ok<{ global: Record<string, { rule_id: string }[]> }>(
      'GET',
      '/v3/pushrules/',
    );
    const order = (kind: string, ids: string[]) => {
      const present = (global[kind] ?? []).map((rule) => rule.rule_id).filter((id) => ids.includes(id));
      expect(present).toEqual(ids);
    };
    order('override', [
      '.m.rule.master',
      '.m.rule.suppress_notices',
      '.m.rule.invite_for_me',
      '.m.rule.member_event',
      '.m.rule.is_user_mention',
      '.m.rule.is_room_mention',
      '.m.rule.tombstone',
      '.m.rule.reaction',
      '.m.rule.room.server_acl',
      '.m.rule.suppress_edits',
    ]);
    order('underride', [
      '.m.rule.call',
      '.m.rule.encrypted_room_one_to_one',
      '.m.rule.room_one_to_one',
      '.m.rule.message',
      '.m.rule.encrypted',
    ]);
  });

  test('Pushers are added, listed and removed', async () => {
    const user = await newUser();
    const pusher = {
      kind: 'http',
      app_id: 'org.example.app',
      pushkey: 'key',
      app_display_name: 'App',
      device_display_name: 'Device',
      lang: 'en',
      data: { url: 'https://push.example.org/_matrix/push/v1/notify', format: 'event_id_only' },
    };
    await user.ok('POST', '/v3/pushers/set', pusher);
    const list = async () => (await user.ok<{ pushers: object[] }>('GET', '/v3/pushers')).pushers;
    expect(await list()).toMatchObject([pusher]);
    const removal = { app_id: pusher.app_id, pushkey: pusher.pushkey, kind: null };
    await user.ok('POST', '/v3/pushers/set', removal);
    expect(await list()).toEqual([]);
  });
});

testAnswersOf('encryption and push');
