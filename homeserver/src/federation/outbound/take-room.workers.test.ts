import { runInDurableObject } from 'cloudflare:test';
import { env as bindings } from 'cloudflare:workers';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { makeTables } from '../../../../test/harness/homeserver-worker.ts';
import { readConfig } from '../../config.ts';
import type { Env } from '../../env.ts';
import { type RemoteEvent, RemoteRoom } from '../../objects/room/testing/remote-server.ts';
import { TestFollowers } from '../../objects/room/testing/test-followers.ts';
import { alice, roomStub } from '../../objects/room/testing/test-room.ts';
import { makeStubs } from '../../objects/stubs.ts';
import { Peer } from '../testing/peer.ts';
import { Peers } from '../testing/peers.ts';
import { takeRoom } from './take-room.ts';

const peer = new Peer('remote.test:8448');
peer.keys = [{ keyId: 'ed25519:1', seed: new Uint8Array(32).fill(1) }];
const remy = `@remy:${peer.name}` as UserId;
const env = bindings as unknown as Env;
const followers = new TestFollowers();
let peers: Peers;
beforeAll(makeTables);
beforeEach(() => {
  followers.install();
  vi.restoreAllMocks();
  peers = new Peers();
  peers.serveKeys(peer);
});

function remoteRoom(version: string): RemoteRoom {
  const room = new RemoteRoom(version, remy);
  room.member(remy);
  room.add({ type: 'm.room.join_rules', sender: remy, stateKey: '', content: { join_rule: 'public' } });
  return room;
}

const isCreate = ({ pdu }: RemoteEvent) => pdu.type === 'm.room.create';
const eventPath = (event: RemoteEvent) =>
  `${peer.name}/_matrix/federation/v1/event/${encodeURIComponent(event.eventId)}`;

function take(room: RemoteRoom, authChain: readonly RemoteEvent[], state: readonly RemoteEvent[]) {
  const join = room.member(alice);
  const version = room.version;
  const pdus = (events: readonly RemoteEvent[]) => events.map(({ pdu }) => pdu);
  const body = new Response(
    JSON.stringify({ auth_chain: pdus(authChain), event: join.pdu, state: pdus(state) }),
  ).body as ReadableStream<Uint8Array>;
  const parts = { env, config: readConfig(env), stubs: makeStubs(env) };
  return takeRoom(parts, room.roomId, { pdu: join.pdu, eventId: join.eventId, version }, body, peer.name);
}

async function tablesOf(room: RemoteRoom): Promise<unknown[]> {
  return await runInDurableObject(roomStub(room.roomId), (_, state) =>
    state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'events'").toArray(),
  );
}

test.each(['11', '12'])(
  'a room of version %s is joined though its create event comes after thousands of others',
  async (version) => {
    const room = remoteRoom(version);
    for (const event of room.events) {
      peers.on(eventPath(event), () => Response.json({ pdus: [event.pdu] }));
    }
    const [create, ...others] = room.events;
    if (!create) throw new Error('no create event');
    // What is there already comes again and again: it counts all the same.
    const authChain = Array.from(
      { length: 5_400 },
      (_, index) => others[index % others.length] as RemoteEvent,
    );
    await take(room, authChain, [...room.state().filter((event) => !isCreate(event)), create]);
    expect(await roomStub(room.roomId).readStateEvent(alice, 'm.room.create', '')).toMatchObject({
      event: { event_id: create.eventId },
    });
  },
);

test.each(['11', '12'])(
  'a room of version %s without a create event leaves nothing behind',
  async (version) => {
    const room = remoteRoom(version);
    const others = room.events.filter((event) => !isCreate(event));
    for (const event of room.events) peers.on(eventPath(event), () => Response.json({ pdus: [] }));
    await expect(take(room, others, others)).rejects.toMatchObject({ status: 502 });
    expect(await tablesOf(room)).toEqual([]);
  },
);

test('the create event of another room is not taken for this one', async () => {
  const room = remoteRoom('12');
  const other = new RemoteRoom('12', remy, { 'test.other': true });
  const others = room.events.filter((event) => !isCreate(event));
  peers.on(eventPath(room.create), () => Response.json({ pdus: [other.create.pdu] }));
  await expect(take(room, others, [other.create, ...others])).rejects.toMatchObject({ status: 502 });
  expect(await tablesOf(room)).toEqual([]);
});

test.each([0, 1])(
  'a join that rests on a second create event leaves nothing behind, order %s',
  async (order) => {
    const room = remoteRoom('11');
    const second = room.add({ type: 'm.room.create', sender: remy, stateKey: '', content: {} });
    const creates = [room.create, second];
    const others = room.events.filter((event) => !isCreate(event));
    const state = [...(order === 0 ? creates : creates.toReversed()), ...others];
    await expect(take(room, others, state)).rejects.toMatchObject({ status: 502 });
    expect(await tablesOf(room)).toEqual([]);
  },
);
