import { isDeepStrictEqual } from 'node:util';
import { EventType, type MatrixClient, MsgType, Preset } from 'matrix-js-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../../homeserver/src/objects/user-sync/testing/seeded-random.ts';
import { EncryptingBridge } from '../harness/encrypting-bridge.ts';
import { logIn, register, startClient, waitForEvent } from '../harness/matrix-client.ts';
import { matrixFetch } from '../harness/matrix-fetch.ts';
import { Roost } from '../harness/roost.ts';
import { waitFor } from '../harness/wait-for.ts';

let roost: Roost;
let bridge: EncryptingBridge;

beforeAll(async () => {
  bridge = await EncryptingBridge.start('localhost');
  roost = await Roost.start({ appserviceDir: bridge.appserviceDir });
  await bridge.connect(roost.url);
});

afterAll(async () => {
  bridge?.stop();
  await roost?.stopAndRemove();
});

test('a bridge reads and writes in an encrypted room by the device that it made itself', async () => {
  const alice = await register(roost.url, 'alice');
  const a = await startClient(roost.url, alice, { crypto: true });
  let second: MatrixClient | undefined;
  try {
    const { room_id: roomId } = await a.createRoom({
      preset: Preset.TrustedPrivateChat,
      invite: [bridge.userId],
      initial_state: [
        { type: EventType.RoomEncryption, state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
      ],
    });
    await bridge.request('POST', `v3/join/${encodeURIComponent(roomId)}`, {});
    await waitFor('the join', () => a.getRoom(roomId)?.getJoinedMemberCount() === 2);

    const say = (client: MatrixClient, body: string) =>
      client.sendMessage(roomId, { msgtype: MsgType.Text, body });
    const bridgeReads = (body: string) =>
      waitFor(`"${body}" at the bridge`, () => {
        if (bridge.failures.length > 0) throw bridge.failures[0];
        return bridge.read.some((content) => content.body === body);
      });
    const reads = (client: MatrixClient, body: string) =>
      waitForEvent(client, roomId, (event) => event.isEncrypted() && event.getContent().body === body);

    await say(a, 'to the bridge');
    await bridgeReads('to the bridge');
    const toDevice = bridge.transactions.flatMap((one) => one['de.sorunome.msc2409.to_device'] ?? []);
    expect(toDevice[0]).toMatchObject({
      type: 'm.room.encrypted',
      sender: alice.userId,
      to_user_id: bridge.userId,
      to_device_id: bridge.deviceId,
    });

    // One key was claimed for it, and it hears how many are left.
    const countsTold = () =>
      bridge.transactions.flatMap(
        (one) =>
          one['org.matrix.msc3202.device_one_time_keys_count']?.[bridge.userId]?.[bridge.deviceId]
            ?.signed_curve25519 ?? [],
      );
    await waitFor('the counts', () => countsTold().some((count) => count < (countsTold()[0] ?? 0)));
    const types = bridge.transactions.flatMap(
      (one) =>
        one['org.matrix.msc3202.device_unused_fallback_key_types']?.[bridge.userId]?.[bridge.deviceId] ?? [],
    );
    expect(new Set(types)).toEqual(new Set(['signed_curve25519']));

    await bridge.say(roomId, [alice.userId], 'from the bridge');
    await reads(a, 'from the bridge');

    // A new device of hers is told, and gets the key of what is said then.
    const toldBefore = bridge.transactions.length;
    second = await startClient(roost.url, await logIn(roost.url, 'alice'), { crypto: true });
    await waitFor('the changed device list', () =>
      bridge.transactions
        .slice(toldBefore)
        .some((one) => one['org.matrix.msc3202.device_lists']?.changed.includes(alice.userId)),
    );
    await bridge.say(roomId, [alice.userId], 'to both devices');
    await Promise.all([reads(a, 'to both devices'), reads(second, 'to both devices')]);
    await say(second, 'from the second device');
    await bridgeReads('from the second device');
    expect(bridge.failures).toEqual([]);
  } finally {
    for (const client of [a, second]) client?.stopClient();
  }
}, 120_000);

test('a device that it does not have is unknown, and one is deleted without more ado', async () => {
  const unknown = await bridge.request('GET', 'v3/account/whoami', undefined, 'NONE');
  expect([unknown.status, JSON.parse(unknown.text).errcode]).toEqual([400, 'M_UNKNOWN_DEVICE']);
  const known = await bridge.request('GET', 'v3/account/whoami');
  expect(JSON.parse(known.text)).toMatchObject({ user_id: bridge.userId, device_id: bridge.deviceId });
  await bridge.request('PUT', 'v3/devices/SPARE', {}, '');
  expect((await bridge.request('DELETE', 'v3/devices/SPARE', {}, '')).status).toBe(200);
  expect((await bridge.request('GET', 'v3/devices/SPARE', undefined, '')).status).toBe(404);
});

test('whose devices concern it is told as a model says: from the first shared room to the last', async () => {
  const seed = Math.floor(Math.random() * 1_000_000);
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
  const ghost = '@heron_grey:localhost';
  const made = await bridge.request(
    'POST',
    'v3/register',
    { type: 'm.login.application_service', username: 'heron_grey' },
    '',
  );
  expect(made.status).toBe(200);
  const people = await Promise.all(['carol', 'dan', 'erin'].map((name) => register(roost.url, name)));
  const rooms = new Map<string, Set<string>>();
  const act = (userId: string, roomId: string, what: 'join' | 'leave') =>
    request(userId, 'POST', `v3/rooms/${encodeURIComponent(roomId)}/${what}`);
  const request = async (userId: string, method: string, path: string, body: object = {}) => {
    if (userId === ghost) {
      const { status, text } = await bridge.request(method, `${path}?user_id=${ghost}`, { ...body }, '');
      expect([status, text]).toEqual([200, expect.any(String)]);
      return JSON.parse(text) as Record<string, string>;
    }
    const token = people.find((one) => one.userId === userId)?.accessToken;
    const headers = { authorization: `Bearer ${token}` };
    const response = await matrixFetch(`${roost.url}/_matrix/client/${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    return (await response.json()) as Record<string, string>;
  };
  const owner = people[0]?.userId ?? '';
  for (let index = 0; index < 3; index += 1) {
    const { room_id: roomId = '' } = await request(owner, 'POST', 'v3/createRoom', { preset: 'public_chat' });
    rooms.set(roomId, new Set([owner]));
  }

  const first = bridge.transactions.length;
  /** By user, what was told one after the other. */
  const told = () => {
    const news: Record<string, string[]> = {};
    const add = (userId: string, what: string) => {
      news[userId] = [...(news[userId] ?? []), what];
    };
    for (const one of bridge.transactions.slice(first)) {
      const { changed = [], left = [] } = one['org.matrix.msc3202.device_lists'] ?? {};
      for (const userId of changed) add(userId, 'changed');
      for (const userId of left) add(userId, 'left');
    }
    return news;
  };
  const heard = (roomId: string, userId: string) =>
    bridge.transactions
      .slice(first)
      .flatMap((one) => one.events)
      .filter((event) => event.room_id === roomId && event.state_key === userId).length;
  const sharing = (userId: string) =>
    [...rooms.values()].some((members) => members.has(ghost) && members.has(userId));

  const expected: Record<string, string[]> = {};
  const story: string[] = [];
  for (let step = 0; step < 40; step += 1) {
    const [roomId, members] = pick([...rooms]);
    const userId = pick([ghost, ...people.slice(1).map((one) => one.userId)]);
    const what = members.has(userId) ? 'leave' : 'join';
    const before = people.map((one) => sharing(one.userId));
    const count = heard(roomId, userId);
    const isHeard = members.has(ghost) || userId === ghost;
    await act(userId, roomId, what);
    if (what === 'join') members.add(userId);
    else members.delete(userId);
    story.push(`${userId} ${what} ${roomId}`);
    for (const [index, { userId: person }] of people.entries()) {
      if (sharing(person) === before[index]) continue;
      expected[person] = [...(expected[person] ?? []), sharing(person) ? 'changed' : 'left'];
    }
    const context = `seed ${seed}: ${story.join('; ')}`;
    if (isHeard) await waitFor(context, () => heard(roomId, userId) > count);
    await waitFor(`${context}; ${JSON.stringify(expected)}`, () => isDeepStrictEqual(told(), expected));
  }
  expect(Object.values(expected).flat()).toContain('left');
  expect(bridge.failures).toEqual([]);
}, 120_000);
