import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import type { DeviceId, UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { Sqlite } from '../../../../platform/sqlite.ts';
import type { Env } from '../../env.ts';
import type { PushOutcome } from '../../services/push-gateway.ts';
import { listPushers } from '../../storage/user-sync/pushers.ts';
import { pushesOf } from '../../storage/user-sync/pushes.ts';
import { putAccountData } from './account-data.ts';
import { applyRoomDelta } from './apply-room-delta.ts';
import { editPushRules } from './edit-push-rules.ts';
import { deletePusher, setPusher } from './pushers.ts';
import { sendPushes } from './send-pushes.ts';
import { createSession, deleteDevices } from './sessions.ts';
import { FakeRoom } from './testing/fake-room.ts';
import { makeUserContext, type UserContext } from './user-context.ts';

const bob = '@bob:roost.test';
const phone = 'PHONE' as DeviceId;
const hourMs = 3_600_000;

/** A user with a pusher, a gateway of which the test says what it answers, and a clock. */
class Bench {
  readonly user: UserContext;
  /** That of the fake room's events. */
  nowMs = 1_700_000_100_000;
  answer: PushOutcome = { kind: 'delivered' };
  readonly sent: JsonObject[] = [];
  readonly asked: JsonObject[] = [];

  constructor(user: UserContext) {
    this.user = user;
    createSession(user, { accessToken: 'token', deviceId: phone }, this.nowMs);
  }

  addPusher(pushkey = 'key', data: JsonObject = {}, deviceId = phone): void {
    const details = { data: { url: 'https://push.test/_matrix/push/v1/notify', ...data }, lang: 'en' };
    setPusher(this.user, { appId: 'app', pushkey, deviceId, details }, this.nowMs);
  }

  apply(room: FakeRoom, more: Parameters<FakeRoom['delta']>[0] = {}): void {
    applyRoomDelta(this.user, room.delta(more), this.nowMs);
  }

  async send(during = () => {}): Promise<number | undefined> {
    const notify = async (_url: string, _key: string, notification: JsonObject) => {
      this.asked.push(notification);
      during();
      if (this.answer.kind === 'delivered') this.sent.push(notification);
      return this.answer;
    };
    return sendPushes(this.user, notify, () => this.nowMs);
  }

  waiting(): number {
    return listPushers(this.user.sqlite).reduce(
      (sum, { pusher }) => sum + pushesOf(this.user.sqlite, pusher).length,
      0,
    );
  }

  room(name: string): FakeRoom {
    const room = FakeRoom.created(name, this.user.userId, bob);
    applyRoomDelta(this.user, room.snapshot(), this.nowMs);
    return room;
  }

  read(room: FakeRoom, eventId: string, threadId?: string): void {
    const receipt = { ts: this.nowMs, ...(threadId !== undefined && { thread_id: threadId }) };
    this.apply(room, { receipts: { [eventId]: { 'm.read': { [this.user.userId]: receipt } } } });
  }
}

function bench(name: string, body: (bench: Bench) => Promise<void>): Promise<void> {
  const userId = `@push-${name}:roost.test` as UserId;
  const stub = (env as unknown as Env).USERS.getByName(userId) as unknown as DurableObjectStub;
  return runInDurableObject(stub, async (_instance, state) => {
    await body(new Bench(makeUserContext(userId, new Sqlite(state.storage))));
    // The object's own alarm must find nothing to send to the outside.
    await state.storage.deleteAlarm();
  });
}

test('a message is told once, with the number of unread rooms, and then its number falls', () =>
  bench('once', async (it) => {
    it.addPusher();
    const [room, other] = [it.room('push-once'), it.room('push-other')];
    const first = room.message(bob, 'one');
    it.apply(room);
    other.message(bob, 'two');
    it.apply(other);
    expect(await it.send()).toBeUndefined();
    expect(it.sent).toMatchObject([
      { event_id: first.event_id, content: { body: 'one' }, counts: { unread: 2 }, prio: 'high' },
      { room_id: other.roomId, counts: { unread: 2 } },
    ]);
    await it.send();
    expect(it.sent).toHaveLength(2);
    it.read(room, first.event_id);
    await it.send();
    expect(it.sent.slice(2)).toEqual([{ counts: { unread: 1 }, devices: [expect.anything()] }]);
  }));

test('own, ignored, muted and old messages are not told, nor what was said before the join', () =>
  bench('silent', async (it) => {
    it.addPusher();
    const carol = '@carol:roost.test';
    putAccountData(it.user, 'm.ignored_user_list', { ignored_users: { [carol]: {} } });
    const silent = it.room('push-silent');
    silent.message(it.user.userId, 'mine');
    silent.message(carol, 'unheard');
    silent.message(bob, 'a notice', { msgtype: 'm.notice' });
    it.apply(silent);
    const muted = it.room('push-muted');
    editPushRules(it.user, { edit: 'set', kind: 'room', ruleId: muted.roomId, rule: { actions: [] } });
    muted.message(bob, 'muted');
    it.apply(muted);
    const joined = FakeRoom.created('push-joined', bob, bob);
    joined.message(bob, 'before the join');
    joined.member(it.user.userId, 'join');
    applyRoomDelta(it.user, { ...joined.snapshot(), membership: 'join' }, it.nowMs);
    expect(it.waiting()).toBe(0);
    const room = it.room('push-old');
    room.message(bob, 'yesterday');
    it.nowMs += 25 * hourMs;
    it.apply(room);
    expect(it.waiting()).toBe(0);
    expect(await it.send()).toBeUndefined();
    expect(it.sent.filter((push) => 'event_id' in push)).toEqual([]);
  }));

test('what was read before it could be sent is not told, in its thread alone', () =>
  bench('read', async (it) => {
    it.addPusher();
    const room = it.room('push-read');
    const root = room.message(bob, 'root');
    const relation = { 'm.relates_to': { rel_type: 'm.thread', event_id: root.event_id } };
    const reply = room.message(bob, 'in the thread', relation);
    it.apply(room);
    it.read(room, reply.event_id, 'main');
    await it.send();
    expect(it.sent).toMatchObject([{ event_id: reply.event_id }]);
  }));

test('a gateway that fails is asked again later and later, in order, and given up after a day', () =>
  bench('fails', async (it) => {
    it.addPusher();
    const room = it.room('push-fails');
    const first = room.message(bob, 'one');
    const second = room.message(bob, 'two');
    it.apply(room);
    it.answer = { kind: 'failed', reason: 'test' };
    let pauseMs = 0;
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const dueMs = (await it.send()) ?? 0;
      expect(it.asked).toHaveLength(attempt);
      expect(dueMs - it.nowMs).toBeGreaterThan(pauseMs / 2);
      pauseMs = dueMs - it.nowMs;
      expect(await it.send()).toBe(dueMs);
      expect(it.asked).toHaveLength(attempt);
      it.nowMs = dueMs;
    }
    it.answer = { kind: 'delivered' };
    await it.send();
    expect(it.sent).toMatchObject([{ event_id: first.event_id }, { event_id: second.event_id }]);

    room.message(bob, 'three');
    it.apply(room);
    it.answer = { kind: 'failed', reason: 'test' };
    for (let dueMs = await it.send(), rounds = 0; dueMs !== undefined; dueMs = await it.send()) {
      it.nowMs = dueMs;
      rounds += 1;
      expect(rounds).toBeLessThan(100);
    }
    expect(it.waiting()).toBe(0);
    const fourth = room.message(bob, 'four');
    it.apply(room, {
      events: [{ position: room.position, event: { ...fourth, origin_server_ts: it.nowMs } }],
    });
    it.answer = { kind: 'delivered' };
    it.nowMs += hourMs;
    await it.send();
    expect(it.sent.at(-1)).toMatchObject({ event_id: fourth.event_id });
  }));

test('a rejected key ends its pusher alone; deleted or replaced meanwhile is heeded', () =>
  bench('rejected', async (it) => {
    it.addPusher('dead');
    it.addPusher('alive', { format: 'event_id_only' });
    const room = it.room('push-rejected');
    room.message(bob, 'one');
    it.apply(room);
    expect(it.waiting()).toBe(2);
    it.answer = { kind: 'rejected' };
    await it.send(() => deletePusher(it.user, 'app', 'alive'));
    expect(listPushers(it.user.sqlite)).toEqual([]);
    expect(it.waiting()).toBe(0);

    it.addPusher('moved');
    room.message(bob, 'two');
    it.apply(room);
    await it.send(() => {
      it.nowMs += 1;
      it.addPusher('moved');
      it.answer = { kind: 'delivered' };
    });
    // The rejection was not of the pusher as it is now.
    expect(listPushers(it.user.sqlite)).toHaveLength(1);
    expect(it.waiting()).toBe(0);
  }));

test('pushers go with their device', () =>
  bench('devices', async (it) => {
    const tablet = 'TABLET' as DeviceId;
    createSession(it.user, { accessToken: 'other', deviceId: tablet }, it.nowMs);
    it.addPusher('phone');
    it.addPusher('tablet', {}, tablet);
    const keys = () => listPushers(it.user.sqlite).map(({ pushkey }) => pushkey);
    deleteDevices(it.user, [tablet]);
    expect(keys()).toEqual(['phone']);
    createSession(it.user, { accessToken: 'again', deviceId: phone }, it.nowMs);
    expect(keys()).toEqual([]);
  }));

test('a pusher that is switched off is told nothing, then or later', () =>
  bench('off', async (it) => {
    const key = { appId: 'app', pushkey: 'key', deviceId: phone };
    const switchTo = (enabled: boolean) =>
      setPusher(it.user, { ...key, details: { data: {}, 'org.matrix.msc3881.enabled': enabled } }, it.nowMs);
    switchTo(true);
    const room = it.room('push-off');
    room.message(bob, 'waits');
    it.apply(room);
    switchTo(false);
    expect(it.waiting()).toBe(0);
    room.message(bob, 'unheard');
    it.apply(room);
    await it.send();
    switchTo(true);
    const heard = room.message(bob, 'heard');
    it.apply(room);
    await it.send();
    expect(it.sent).toMatchObject([{ event_id: heard.event_id, counts: { unread: 1 } }]);
  }));

test('an invitation is told and counts until it is answered', () =>
  bench('invited', async (it) => {
    it.addPusher();
    const room = new FakeRoom('push-invited', it.user.userId);
    room.add(bob, 'm.room.create', {}, '');
    room.add(bob, 'm.room.name', { name: 'Party' }, '');
    room.member(bob, 'join');
    applyRoomDelta(it.user, room.invitation(bob), it.nowMs);
    await it.send();
    expect(it.sent).toMatchObject([
      {
        room_id: room.roomId,
        type: 'm.room.member',
        user_is_target: true,
        room_name: 'Party',
        counts: { unread: 1 },
      },
    ]);
    room.member(it.user.userId, 'leave');
    it.apply(room);
    await it.send();
    expect(it.sent[1]).toMatchObject({ counts: { unread: 0 } });
  }));

test('at most fifty pushers, and the newest fifty notifications', () =>
  bench('many', async (it) => {
    for (let index = 0; index < 50; index += 1) it.addPusher(`key ${index}`);
    const details = { data: {} };
    const surplus = setPusher(it.user, { appId: 'app', pushkey: 'more', deviceId: phone, details }, it.nowMs);
    expect(surplus).toMatchObject({ kind: 'denied', status: 400 });
    for (let index = 1; index < 50; index += 1) deletePusher(it.user, 'app', `key ${index}`);
    const room = it.room('push-many');
    for (let index = 0; index < 60; index += 1) room.message(bob, `${index}`);
    it.apply(room);
    await it.send();
    expect(it.sent).toHaveLength(50);
    expect(it.sent.at(-1)).toMatchObject({ content: { body: '59' } });
  }));
