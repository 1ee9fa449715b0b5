import { runInDurableObject } from 'cloudflare:test';
import { beforeEach, expect, test } from 'vitest';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { type RemoteEvent, RemoteRoom } from './testing/remote-server.ts';
import { TestFollowers } from './testing/test-followers.ts';
import { alice, roomStub } from './testing/test-room.ts';

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
