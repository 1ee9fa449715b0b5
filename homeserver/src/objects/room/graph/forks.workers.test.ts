import { runInDurableObject } from 'cloudflare:test';
import { beforeEach, expect, test } from 'vitest';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { type RemoteEvent, RemoteRoom } from '../testing/remote-server.ts';
import { TestFollowers } from '../testing/test-followers.ts';
import { alice, bob, roomStub } from '../testing/test-room.ts';

const remy = '@remy:remote.test' as UserId;
const followers = new TestFollowers();
beforeEach(() => followers.install());

const pdus = (events: readonly RemoteEvent[]) => events.map(({ pdu }) => pdu);

async function joinedRoom() {
  const room = new RemoteRoom('12', remy);
  room.member(remy);
  room.add({ type: 'm.room.join_rules', sender: remy, stateKey: '', content: { join_rule: 'public' } });
  const state = pdus(room.state());
  const rpc = roomStub(room.roomId);
  await rpc.beginImport({ roomVersion: '12', createEvent: room.create.pdu });
  await rpc.importEvents({ state, authChain: [] });
  const join = room.member(alice);
  expect(await rpc.finishImport(join.pdu)).toEqual({ kind: 'done' });
  return { room, rpc, join };
}

test('a fork behind the newest event leaves both ends, and the state of both', async () => {
  const { room, rpc, join } = await joinedRoom();
  const set = (stateKey: string, after: RemoteEvent) =>
    room.add({ type: 'com.example', sender: remy, stateKey, after: [after] });
  const first = set('first', join);
  const second = set('second', join);
  const third = set('third', second);
  await rpc.receive({ pdus: pdus([first]) });
  await rpc.receive({ pdus: pdus([second]) });
  await rpc.receive({ pdus: pdus([third]) });
  const extremities = await runInDurableObject(rpc, (_instance, { storage }) =>
    JSON.parse(String(storage.sql.exec('SELECT extremities FROM room').one().extremities)),
  );
  expect(extremities).toEqual([first.eventId, third.eventId]);
  for (const stateKey of ['first', 'second', 'third']) {
    expect(await rpc.readStateEvent(alice, 'com.example', stateKey)).toMatchObject({ kind: 'event' });
  }
});

test('who was only invited is not told the state that came with the end of the invitation', async () => {
  const { room, rpc } = await joinedRoom();
  const invitation = room.member(bob, 'invite', remy);
  expect(await rpc.receive({ pdus: pdus([invitation]) })).toMatchObject([{ kind: 'accepted' }]);
  await followers.until(() => followers.deltas(bob, room.roomId).length === 1);

  // Neither is known here when the invitation ends: the state is told along.
  const topic = room.add({ type: 'm.room.topic', sender: remy, stateKey: '', content: { topic: 'secret' } });
  room.message(remy, 'unknown here');
  const stateBefore = room.state().map(({ eventId }) => eventId);
  const end = room.member(bob, 'leave', remy);
  await rpc.receiveOutliers(pdus([topic]));
  const received = await rpc.receive({ pdus: pdus([end]), statesBefore: { [end.eventId]: stateBefore } });
  expect(received).toMatchObject([{ kind: 'accepted' }]);
  await followers.until(() => followers.deltas(bob, room.roomId).length === 2);
  expect(JSON.stringify(followers.deltas(bob, room.roomId))).not.toContain('secret');
  await followers.until(() => JSON.stringify(followers.deltas(alice, room.roomId)).includes('secret'));
});

test('who came during a gap is heard beside what was said here meanwhile, unless they are banned here', async () => {
  const { room, rpc, join } = await joinedRoom();
  const before = room.state().map(({ eventId }) => eventId);
  const said = (sender: UserId, after: RemoteEvent) =>
    room.add({ type: 'm.room.message', sender, content: { body: 'hello' }, after: [after] });
  const arrival = (userId: UserId) =>
    room.add({
      type: 'm.room.member',
      sender: userId,
      stateKey: userId,
      content: { membership: 'join' },
      after: [join],
    });
  const [carol, mallory] = ['@carol:remote.test' as UserId, '@mallory:remote.test' as UserId];
  const arrivals = [arrival(carol), arrival(mallory)] as const;
  const [fromCarol, fromMallory] = [said(carol, arrivals[0]), said(mallory, arrivals[1])];
  const ban = { type: 'm.room.member', sender: remy, stateKey: mallory, content: { membership: 'ban' } };
  await rpc.receiveOutliers(pdus(arrivals));
  const banned = await rpc.receive({ pdus: pdus([room.add({ ...ban, after: [join] })]) });
  expect(banned).toMatchObject([{ kind: 'accepted' }]);
  const received = await rpc.receive({
    pdus: pdus([fromCarol, fromMallory]),
    statesBefore: {
      [fromCarol.eventId]: [...before, arrivals[0].eventId],
      [fromMallory.eventId]: [...before, arrivals[1].eventId],
    },
  });
  expect(received).toMatchObject([{ kind: 'accepted' }, { kind: 'softFailed' }]);
});
