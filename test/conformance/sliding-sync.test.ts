import { describe, expect } from 'vitest';
import { skip, test, testAnswersOf } from './lib/conformance-test.ts';
import { needsFeature } from './lib/features.ts';
import { p } from './lib/http.ts';
import { uploadDeviceKeys } from './lib/keys.ts';
import { newUser, newUsers } from './lib/register.ts';
import { type SlidingAnswer, slidingCall, slidingSync } from './lib/sliding-sync.ts';
import type { User } from './lib/user.ts';

const flag = 'org.matrix.simplified_msc3575';

/** One list over everything, with little of each room. */
function listed(extra: Record<string, unknown> = {}, ranges: number[][] = [[0, 19]]) {
  return { lists: { all: { ranges, timeline_limit: 1, required_state: [['m.room.create', '']], ...extra } } };
}

async function newSlidingUser(): Promise<User> {
  await needsFeature(flag);
  return newUser();
}

/** Syncs on from an answer until one fits. */
async function until(
  user: User,
  body: Record<string, unknown>,
  pos: string,
  fits: (answer: SlidingAnswer) => boolean,
): Promise<SlidingAnswer> {
  let at = pos;
  for (let polls = 0; polls < 5; polls++) {
    const answer = await slidingSync(user, body, { pos: at, timeout: 2000 });
    if (fits(answer)) return answer;
    at = answer.pos;
  }
  throw new Error('no answer brought what was waited for');
}

describe('Sliding sync', () => {
  test('A list counts all rooms, and gives those in its ranges, the latest first', async () => {
    const user = await newSlidingUser();
    const rooms = [await user.createRoom(), await user.createRoom(), await user.createRoom()];
    await user.message(rooms[0] ?? '', 'the latest');
    const answer = await slidingSync(user, listed({}, [[0, 1]]));
    expect(answer.lists?.all?.count).toBe(3);
    expect(new Set(Object.keys(answer.rooms ?? {}))).toEqual(new Set([rooms[0], rooms[2]]));
    const stamps = [rooms[0], rooms[2]].map((id) => answer.rooms?.[id ?? '']?.bump_stamp ?? 0);
    expect(stamps[0]).toBeGreaterThan(stamps[1] ?? 0);
  });

  test('A room begins as initial, with its name, its state and the end of its timeline', async () => {
    const user = await newSlidingUser();
    const roomId = await user.createRoom({ name: 'The name' });
    const last = await user.message(roomId, 'last');
    const answer = await slidingSync(user, listed());
    const room = answer.rooms?.[roomId];
    expect(room).toMatchObject({ initial: true, name: 'The name', joined_count: 1 });
    expect(room?.required_state?.map((event) => event.type)).toEqual(['m.room.create']);
    expect(room?.timeline?.map((event) => event.event_id)).toEqual([last]);
    expect(room?.prev_batch).toEqual(expect.any(String));
    expect(room?.timeline?.[0]).not.toHaveProperty('room_id');
  });

  test('Afterwards comes only what is new', async () => {
    const user = await newSlidingUser();
    const [quiet, loud] = [await user.createRoom(), await user.createRoom()];
    const first = await slidingSync(user, listed());
    const eventId = await user.message(loud, 'new');
    const answer = await until(user, listed(), first.pos, ({ rooms }) => rooms?.[loud] !== undefined);
    expect(answer.rooms).not.toHaveProperty([quiet]);
    const room = answer.rooms?.[loud];
    expect(room?.initial ?? false).toBe(false);
    expect(room?.timeline?.map((event) => event.event_id)).toEqual([eventId]);
    expect(room?.num_live).toBe(1);
  });

  test('A repeated position gives the same again, and what is no position is refused', async () => {
    const user = await newSlidingUser();
    const roomId = await user.createRoom();
    const first = await slidingSync(user, listed());
    const eventId = await user.message(roomId, 'new');
    for (let i = 0; i < 2; i++) {
      const answer = await slidingSync(user, listed(), { pos: first.pos });
      expect(answer.rooms?.[roomId]?.timeline?.map((event) => event.event_id)).toEqual([eventId]);
    }
    expect((await slidingCall(user, listed(), { pos: 'not-a-position' })).status).toBe(400);
  });

  test('A position of somebody else is refused', async () => {
    const user = await newSlidingUser();
    await slidingSync(user, listed());
    const foreign = await slidingSync(await newUser('other'), listed());
    const { status, body } = await slidingCall(user, listed(), { pos: foreign.pos });
    expect([status, body.errcode]).toEqual([400, 'M_UNKNOWN_POS']);
  });

  test('$ME and $LAZY bring the own member event and those of senders', async () => {
    await needsFeature(flag);
    const [alice, bob, charlie] = await newUsers('alice', 'bob', 'charlie');
    const roomId = await alice.createPublicRoom();
    for (const user of [bob, charlie]) await user.join(roomId);
    await bob.message(roomId, 'of bob');
    const members = async (keys: string[]) => {
      const required = keys.map((key) => ['m.room.member', key]);
      const answer = await slidingSync(alice, listed({ required_state: required }));
      const state = answer.rooms?.[roomId]?.required_state ?? [];
      return new Set(state.map((event) => event.state_key));
    };
    expect(await members(['$ME'])).toEqual(new Set([alice.userId]));
    expect(await members(['$LAZY'])).toEqual(new Set([bob.userId]));
    expect(await members(['$LAZY', '$ME'])).toEqual(new Set([alice.userId, bob.userId]));
    expect(await members(['*'])).toEqual(new Set([alice.userId, bob.userId, charlie.userId]));
  });

  test('Filters choose direct, encrypted and invited rooms and spaces', async () => {
    await needsFeature(flag);
    const [alice, bob] = await newUsers('alice', 'bob');
    const direct = await alice.createRoom({ invite: [bob.userId], is_direct: true });
    await alice.setAccountData('m.direct', { [bob.userId]: [direct] });
    const encryption = { algorithm: 'm.megolm.v1.aes-sha2' };
    const encrypted = await alice.createRoom({
      initial_state: [{ type: 'm.room.encryption', state_key: '', content: encryption }],
    });
    const space = await alice.createRoom({ creation_content: { type: 'm.space' } });
    const invited = await bob.createRoom({ invite: [alice.userId] });
    const chosen = async (filters: Record<string, unknown>) =>
      new Set(Object.keys((await slidingSync(alice, listed({ filters }))).rooms ?? {}));
    expect(await chosen({ is_dm: true })).toEqual(new Set([direct]));
    expect(await chosen({ is_encrypted: true })).toEqual(new Set([encrypted]));
    expect(await chosen({ is_invite: true })).toEqual(new Set([invited]));
    expect(await chosen({ room_types: ['m.space'] })).toEqual(new Set([space]));
    expect(await chosen({ is_invite: false, not_room_types: ['m.space'] })).toEqual(
      new Set([direct, encrypted]),
    );
  });

  test('An invitation shows stripped state, and no timeline', async () => {
    await needsFeature(flag);
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createRoom({ name: 'Come in', invite: [bob.userId] });
    const room = (await slidingSync(bob, listed())).rooms?.[roomId];
    const types = (room?.invite_state ?? []).map((event) => event.type);
    expect(types).toEqual(expect.arrayContaining(['m.room.create', 'm.room.name', 'm.room.member']));
    expect(room?.timeline ?? []).toEqual([]);
  });

  test('One who is removed gets his own member event', async () => {
    await needsFeature(flag);
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const body = listed({ required_state: [['m.room.member', '$ME']] });
    const { pos } = await slidingSync(bob, body);
    await alice.kick(roomId, bob);
    const answer = await until(bob, body, pos, ({ rooms }) => rooms?.[roomId] !== undefined);
    const room = answer.rooms?.[roomId];
    const events = [...(room?.required_state ?? []), ...(room?.timeline ?? [])];
    const own = events.find((event) => event.state_key === bob.userId);
    expect(own?.content.membership).toBe('leave');
  });

  test('A subscription asks for one room, and a raised limit sends its latest events at once', async () => {
    const user = await newSlidingUser();
    const roomId = await user.createRoom();
    const sent = await user.messages(roomId, 'message', 5);
    const subscription = (limit: number) => ({
      room_subscriptions: { [roomId]: { timeline_limit: limit, required_state: [['m.room.create', '']] } },
    });
    const first = await slidingSync(user, subscription(1));
    expect(first.rooms?.[roomId]?.timeline?.map((event) => event.event_id)).toEqual(sent.slice(-1));
    const second = await slidingSync(user, subscription(4), { pos: first.pos });
    expect(second.rooms?.[roomId]?.timeline?.map((event) => event.event_id)).toEqual(sent.slice(-4));
  });
});

describe('Sliding sync extensions', () => {
  test('to_device: acknowledged by its own token, and kept until then', async () => {
    await needsFeature(flag);
    const [alice, bob] = await newUsers('alice', 'bob');
    const messages = { [alice.userId]: { [alice.deviceId]: { value: 1 } } };
    await bob.ok('PUT', '/v3/sendToDevice/org.example.test/txn', { messages });
    const ask = (since?: string) => ({
      extensions: { to_device: { enabled: true, limit: 100, ...(since !== undefined && { since }) } },
    });
    const first = (await slidingSync(alice, ask())).extensions?.to_device;
    expect(first?.events).toMatchObject([{ type: 'org.example.test', content: { value: 1 } }]);
    const again = (await slidingSync(alice, ask())).extensions?.to_device;
    expect(again?.events).toHaveLength(1);
    const acknowledged = (await slidingSync(alice, ask(first?.next_batch))).extensions?.to_device;
    expect([acknowledged?.events ?? [], typeof acknowledged?.next_batch]).toEqual([[], 'string']);
  });

  test('e2ee: key counts, also when there are none, and changed devices', async () => {
    await needsFeature(flag);
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const body = { extensions: { e2ee: { enabled: true } } };
    const empty = await slidingSync(alice, body);
    expect(empty.extensions?.e2ee?.device_one_time_keys_count).toMatchObject({ signed_curve25519: 0 });
    expect(empty.extensions?.e2ee?.device_unused_fallback_key_types).toEqual([]);
    await uploadDeviceKeys(alice, ['A', 'B']);
    const counted = await slidingSync(alice, body);
    expect(counted.extensions?.e2ee?.device_one_time_keys_count).toMatchObject({ signed_curve25519: 2 });
    await uploadDeviceKeys(bob);
    const isChanged = (answer: SlidingAnswer) =>
      (answer.extensions?.e2ee?.device_lists?.changed ?? []).includes(bob.userId);
    await until(alice, body, counted.pos, isChanged);
  });

  test('account_data, receipts and typing of rooms in the lists', async () => {
    await needsFeature(flag);
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const eventId = await alice.message(roomId, 'Hello');
    await alice.setAccountData('org.example.global', { value: 1 });
    const ofRoom = p`/v3/user/${alice.userId}/rooms/${roomId}/account_data/org.example.room`;
    await alice.ok('PUT', ofRoom, { value: 2 });
    await bob.ok('POST', p`/v3/rooms/${roomId}/receipt/m.read/${eventId}`, {});
    const extensions = Object.fromEntries(
      ['account_data', 'receipts', 'typing'].map((name) => [name, { enabled: true }]),
    );
    const body = { ...listed(), extensions };
    const first = await slidingSync(alice, body);
    const found = first.extensions;
    expect(found?.account_data?.global?.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['m.push_rules', 'org.example.global']),
    );
    expect(found?.account_data?.rooms?.[roomId]?.map(({ type }) => type)).toContain('org.example.room');
    expect(found?.receipts?.rooms?.[roomId]?.content).toHaveProperty([eventId, 'm.read', bob.userId]);
    await bob.ok('PUT', p`/v3/rooms/${roomId}/typing/${bob.userId}`, { typing: true, timeout: 20_000 });
    const typing = await until(alice, body, first.pos, (answer) => {
      return answer.extensions?.typing?.rooms?.[roomId] !== undefined;
    });
    expect(typing.extensions?.typing?.rooms?.[roomId]?.content.user_ids).toEqual([bob.userId]);
  });

  test('A transaction id comes back', async () => {
    const user = await newSlidingUser();
    const { txn_id: txnId } = await slidingSync(user, { ...listed(), txn_id: 'mine' });
    if (txnId === undefined) skip('transaction ids are not echoed');
    expect(txnId).toBe('mine');
  });
});

testAnswersOf('sliding_sync');
