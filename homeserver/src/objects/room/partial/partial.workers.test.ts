import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env as bindings } from 'cloudflare:workers';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { EventId, ServerName, UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { makeTables } from '../../../../../test/harness/homeserver-worker.ts';
import { readConfig } from '../../../config.ts';
import type { Env } from '../../../env.ts';
import { takeRoom } from '../../../federation/outbound/take-room.ts';
import { Peer } from '../../../federation/testing/peer.ts';
import { Peers } from '../../../federation/testing/peers.ts';
import type { ReceivedEvent, RoomRpc } from '../../room-rpc.ts';
import { makeStubs } from '../../stubs.ts';
import { type RemoteEvent, RemoteRoom } from '../testing/remote-server.ts';
import { TestFollowers } from '../testing/test-followers.ts';
import { alice, roomStub } from '../testing/test-room.ts';

/** A room of another server that leaves the members out of its answer to a join. */
const peer = new Peer('remote.test:8448');
peer.keys = [{ keyId: 'ed25519:1', seed: new Uint8Array(32).fill(1) }];
const second = new Peer('second.test:8448');
const remy = `@remy:${peer.name}` as UserId;
const derek = `@derek:${peer.name}` as UserId;
const kate = `@kate:${peer.name}` as UserId;
const carol = `@carol:${peer.name}` as UserId;
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

interface Joined {
  room: RemoteRoom;
  rpc: RoomRpc;
  join: RemoteEvent;
  /** Before the join. */
  full: RemoteEvent[];
  /** Of kate, who was banned since. */
  katesJoin: RemoteEvent;
  dereksLeave: RemoteEvent;
}

const pdusOf = (events: readonly RemoteEvent[]) => events.map(({ pdu }) => ({ ...pdu }) as JsonObject);
const kindsOf = (results: unknown) => (results as ReceivedEvent[]).map(({ kind }) => kind);

/** Remy made it; Derek left and came back; Kate is banned. Alice joins, and is told of Remy alone. */
async function joinPartially(servers: string[] = [peer.name]): Promise<Joined> {
  const room = new RemoteRoom('11', remy);
  room.member(remy);
  const users = { [remy]: 100, [kate]: 60 };
  room.add({ type: 'm.room.power_levels', sender: remy, stateKey: '', content: { users } });
  room.add({ type: 'm.room.join_rules', sender: remy, stateKey: '', content: { join_rule: 'public' } });
  room.member(derek);
  const dereksLeave = room.member(derek, 'leave');
  room.member(derek);
  const katesJoin = room.member(kate);
  room.member(kate, 'ban', remy);
  room.member(carol);
  const full = room.state();
  const join = room.member(alice);
  const rpc = roomStub(room.roomId);
  const told = full.filter(({ pdu }) => pdu.type !== 'm.room.member' || pdu.state_key === remy);
  await rpc.beginImport({ roomVersion: '11', createEvent: { ...room.create.pdu } });
  await rpc.importEvents({ state: pdusOf(told), authChain: [] });
  expect(await rpc.finishImport({ ...join.pdu }, servers as ServerName[])).toEqual({ kind: 'done' });
  return { room, rpc, join, full, katesJoin, dereksLeave };
}

function serveState(of: Joined, server: Peer = peer, state = of.full): void {
  const answer = { pdus: pdusOf(state), auth_chain: pdusOf(of.room.events.slice(0, -1)) };
  const path = `/_matrix/federation/v1/state/${encodeURIComponent(of.room.roomId)}`;
  peers.on(server.name + path, () => Response.json(answer));
}

async function untilWhole({ rpc, room }: Joined): Promise<void> {
  await vi.waitFor(
    async () => {
      await runDurableObjectAlarm(roomStub(room.roomId));
      const members = await rpc.readMembers(alice, {});
      if (members.kind === 'denied' || members.isPartial) throw new Error('still partial');
      const left = await runInDurableObject(roomStub(room.roomId), (_, state) =>
        state.storage.sql.exec('SELECT 1 FROM partial_state').toArray(),
      );
      if (left.length > 0) throw new Error('users were not told');
    },
    { timeout: 8_000, interval: 20 },
  );
}

async function memberships({ rpc }: Joined): Promise<Record<string, unknown>> {
  const members = await rpc.readMembers(alice, {});
  if (members.kind === 'denied') throw new Error(members.error);
  return Object.fromEntries(members.events.map(({ state_key, content }) => [state_key, content.membership]));
}

const nameOf = async ({ rpc }: Joined) => {
  const read = await rpc.readStateEvent(alice, 'm.room.name', '');
  return read.kind === 'event' ? read.event.content.name : undefined;
};

async function timeline({ rpc }: Joined): Promise<EventId[]> {
  const page = await rpc.readMessages({ userId: alice, dir: 'f', limit: 100 });
  if (page.kind !== 'page') throw new Error(page.error);
  return page.chunk.map((event) => event.event_id);
}

/** An event that names an earlier membership of its sender, or of whom it is about. */
function withAuth(room: RemoteRoom, add: () => RemoteEvent, instead: RemoteEvent, of: UserId): RemoteEvent {
  const state = room.state().find(({ pdu }) => pdu.type === 'm.room.member' && pdu.state_key === of);
  if (!state) throw new Error(`${of} has no membership`);
  room.pretend(instead);
  const event = add();
  if (!(event.pdu.type === 'm.room.member' && event.pdu.state_key === of)) room.pretend(state);
  return event;
}

test('a room joined without its members is there at once, and its members come later', async () => {
  const of = await joinPartially([peer.name, second.name]);
  const { room, rpc } = of;
  await followers.until(() => followers.deltas(alice, room.roomId).length > 0);
  expect(followers.deltas(alice, room.roomId)[0]).toMatchObject({ isPartial: true, membership: 'join' });
  expect(await rpc.readMembers(alice, {})).toMatchObject({ isPartial: true });
  expect((await rpc.serversInRoom()).toSorted()).toEqual([peer.name, second.name].toSorted());

  const outliers = room.events.filter(({ pdu }) => pdu.type === 'm.room.member' && pdu.sender === derek);
  await rpc.receiveOutliers(pdusOf(outliers));
  const message = room.message(derek, 'hello');
  expect(kindsOf(await rpc.receive({ pdus: pdusOf([message]) }))).toEqual(['accepted']);
  expect(await memberships(of)).toMatchObject({ [derek]: 'join' });
  const own = { sender: alice, type: 'm.room.message', content: { body: 'hello' } };
  expect(await rpc.append(own)).toMatchObject({ kind: 'accepted' });
  for (const membership of ['join', 'knock'] as const) {
    const asked = {
      server: second.name,
      userId: `@x:${second.name}` as UserId,
      membership,
      versions: ['11'],
    };
    expect(await rpc.templateFor({ ...asked, meetsTerms: false })).toMatchObject({ status: 404 });
  }
  expect(await rpc.stateIdsFor(peer.name, message.eventId)).toMatchObject({ status: 404 });

  serveState(of);
  await untilWhole(of);
  expect(await memberships(of)).toEqual({
    [remy]: 'join',
    [derek]: 'join',
    [kate]: 'ban',
    [carol]: 'join',
    [alice]: 'join',
  });
  const last = followers.deltas(alice, room.roomId).at(-1);
  expect(last).toMatchObject({ summary: { joinedCount: 4 }, snapshot: { roomVersion: '11' } });
  expect(last?.isPartial).toBeUndefined();
  expect(await rpc.serversInRoom(), 'the second has no member').toEqual([peer.name]);
  expect(await rpc.stateIdsFor(peer.name, message.eventId)).toMatchObject({ kind: 'stateIds' });
});

test('what was accepted wrongly is withdrawn, and what was refused wrongly comes', async () => {
  const of = await joinPartially();
  const { room, rpc } = of;
  await rpc.receiveOutliers(
    pdusOf(room.events.filter(({ pdu }) => pdu.state_key !== undefined).slice(0, -1)),
  );
  // Kate is banned, but names the join that was before that.
  const name = () => room.add({ type: 'm.room.name', sender: kate, stateKey: '', content: { name: 'Mine' } });
  const byKate = withAuth(room, name, of.katesJoin, kate);
  // Remy invites Derek, who had left then, and is here again.
  const invitation = () => room.member(derek, 'invite', remy);
  const invite = withAuth(room, invitation, of.dereksLeave, derek);
  room.pretend(of.full.find(({ pdu }) => pdu.state_key === derek) as RemoteEvent);
  const byDerek = room.message(derek, 'I am here');
  expect(kindsOf(await rpc.receive({ pdus: pdusOf([byKate, invite, byDerek]) }))).toEqual([
    'accepted',
    'accepted',
    'rejected',
  ]);
  expect(await nameOf(of)).toBe('Mine');

  serveState(of);
  await untilWhole(of);
  expect(await nameOf(of)).toBeUndefined();
  expect(await memberships(of)).toMatchObject({ [kate]: 'ban', [derek]: 'join' });
  const told = await timeline(of);
  expect(told).not.toContain(byKate.eventId);
  expect(told).not.toContain(invite.eventId);
  expect(told).toContain(byDerek.eventId);
  const own = { sender: alice, type: 'm.room.message', content: { body: 'and I' } };
  expect(await rpc.append(own)).toMatchObject({ kind: 'accepted' });
});

test('a server that is down or answers no whole state is passed over, also after an eviction', async () => {
  const of = await joinPartially([second.name, peer.name]);
  await runDurableObjectAlarm(roomStub(of.room.roomId));
  await evictDurableObject(roomStub(of.room.roomId));
  // A beginning alone, then a text that breaks off, then nothing of this room.
  const path = `${second.name}/_matrix/federation/v1/state/${encodeURIComponent(of.room.roomId)}`;
  peers.on(path, () => new Response('{"pdus":[{"type":"m.room.create"'));
  serveState(of, peer);
  await untilWhole(of);
  expect(await memberships(of)).toMatchObject({ [carol]: 'join', [kate]: 'ban' });
});

test('a state that contradicts what the join was judged by changes none of it', async () => {
  const of = await joinPartially();
  const { room } = of;
  const other = new RemoteRoom('11', remy);
  other.member(remy);
  const levels = room.add({
    type: 'm.room.power_levels',
    sender: remy,
    stateKey: '',
    content: { users: { [remy]: 100, [derek]: 100 } },
  });
  const lies = of.full.map((event) => (event.pdu.type === 'm.room.power_levels' ? levels : event));
  serveState(of, peer, [...lies, ...other.state()]);
  await untilWhole(of);
  const read = await of.rpc.readStateEvent(alice, 'm.room.power_levels', '');
  expect(read).toMatchObject({ event: { content: { users: { [kate]: 60 } } } });
  expect(Object.keys(await memberships(of))).toHaveLength(5);
});

test('nobody who left is waited for; who comes back through another server waits anew', async () => {
  const of = await joinPartially();
  const { rpc, room } = of;
  const leave = room.member(alice, 'leave');
  expect(kindsOf(await rpc.receive({ pdus: pdusOf([leave]) }))).toEqual(['accepted']);
  await runDurableObjectAlarm(roomStub(room.roomId));
  room.message(remy, 'while you were away');
  const before = room.state();
  const again = room.member(alice);
  const told = before.filter(({ pdu }) => pdu.type !== 'm.room.member' || pdu.state_key === remy);
  await rpc.receiveOutliers(pdusOf(told));
  const result = await rpc.takePartialJoin({
    pdu: { ...again.pdu },
    eventId: again.eventId,
    stateBefore: told.map(({ eventId }) => eventId),
    servers: [peer.name],
  });
  expect(result).toMatchObject({ kind: 'accepted' });
  expect(await rpc.readMembers(alice, {})).toMatchObject({ isPartial: true });
  serveState({ ...of, full: before });
  await untilWhole(of);
  expect(await memberships(of)).toMatchObject({ [carol]: 'join', [kate]: 'ban', [alice]: 'join' });
});

test('members that are left out without a word of the servers leave nothing', async () => {
  const room = new RemoteRoom('11', remy);
  room.member(remy);
  room.add({ type: 'm.room.join_rules', sender: remy, stateKey: '', content: { join_rule: 'public' } });
  const state = room.state();
  const join = room.member(alice);
  const made = { pdu: join.pdu, eventId: join.eventId, version: room.version };
  const attempt = (answer: JsonObject) => {
    const body = new Response(JSON.stringify({ state: pdusOf(state), auth_chain: [], ...answer })).body;
    if (!body) throw new Error('no body');
    const parts = { env, config: readConfig(env), stubs: makeStubs(env) };
    return takeRoom(parts, room.roomId, made, body, peer.name);
  };
  await expect(attempt({ members_omitted: true })).rejects.toThrow('no servers');
  await expect(attempt({ members_omitted: true, servers_in_room: [7, 'not a name'] })).rejects.toThrow();
  expect(await roomStub(room.roomId).roomVersionId()).toBeUndefined();
  await attempt({ members_omitted: true, servers_in_room: [peer.name] });
  expect(await roomStub(room.roomId).readMembers(alice, {})).toMatchObject({ isPartial: true });
});
