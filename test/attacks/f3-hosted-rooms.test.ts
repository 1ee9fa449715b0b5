import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../matrix/json.ts';
import { TestServer } from '../conformance/lib/federation/test-server.ts';
import type { Received } from '../harness/federation/federation-server.ts';
import { waitFor } from '../harness/wait-for.ts';
import { p } from './lib/attacker.ts';
import { HostileWorld } from './lib/hostile-world.ts';

/** Rooms of a server that lies about them: F2 by all ways on which events are fetched, and F3. */
let world: HostileWorld;
let server: TestServer;

beforeAll(async () => {
  world = await HostileWorld.start();
  server = TestServer.over(world.mallory);
}, 120_000);

afterAll(() => world?.stop());

/** What was signed is changed, as it is in all answers from now on. */
function change(event: { pdu: object }): void {
  Object.assign(event.pdu, { content: { name: 'changed', topic: 'changed', body: 'changed' } });
}

function forge(event: { pdu: object }): void {
  const signatures = { [world.mallory.name]: { [world.mallory.key.keyId]: 'A'.repeat(86) } };
  Object.assign(event.pdu, { signatures });
}

async function contentOf(roomId: string, type: string): Promise<JsonObject | undefined> {
  const answer = await world.alice.call('GET', p`/v3/rooms/${roomId}/state/${type}/`);
  return answer.status === 200 ? answer.body : undefined;
}

async function eventOf(roomId: string, eventId: string): Promise<JsonObject | undefined> {
  const answer = await world.alice.call('GET', p`/v3/rooms/${roomId}/event/${eventId}`);
  return answer.status === 200 ? answer.body.content : undefined;
}

for (const version of ['10', '12']) {
  test(`F2: nothing changed or forged comes with a room that is joined, its history or its later state (version ${version})`, async () => {
    const { user, alice } = world;
    const room = server.createRoom(version, user);
    const { roomId } = room;
    const first = room.message(user, 'first');
    const say = (body: string) => ({ type: 'm.room.message', sender: user, content: { body } });
    // Two branches, so that the history goes on behind what is left out.
    const [changed, forged] = [say('changed'), say('forged')].map((fields) =>
      room.build({ ...fields, after: [first] }),
    );
    if (!changed || !forged) throw new Error('not two events');
    for (const { pdu } of [changed, forged]) room.adopt(pdu);
    change(room.get(changed.eventId));
    forge(room.get(forged.eventId));
    const name = room.state(user, 'm.room.name', { name: 'as it was signed' });
    const topic = room.state(user, 'm.room.topic', { topic: 'forged' });
    room.state(user, 'org.example.sound', { sound: true });
    change(name);
    forge(topic);

    // By send_join.
    await alice.ok('POST', p`/v3/join/${roomId}?via=${server.name}`, {});
    expect(await contentOf(roomId, 'm.room.name')).toEqual({});
    expect(await contentOf(roomId, 'm.room.topic')).toBeUndefined();
    expect(await contentOf(roomId, 'org.example.sound')).toEqual({ sound: true });

    // By backfill.
    const seen = await waitFor('the history', async () => {
      const contents = await world.contents(roomId);
      return contents[first.eventId] && contents;
    });
    expect(seen[first.eventId]).toMatchObject({ body: 'first' });
    expect(seen[changed.eventId] ?? {}).toEqual({});
    expect(seen).not.toHaveProperty([forged.eventId]);

    // By state_ids and event: the events between are not told, and the state has changed meanwhile.
    world.mallory.on('POST', p`/_matrix/federation/v1/get_missing_events/${roomId}`, {
      json: { events: [] },
    });
    const laterName = room.state(user, 'm.room.name', { name: 'signed later' });
    const laterTopic = room.state(user, 'm.room.topic', { topic: 'forged later' });
    room.state(user, 'org.example.sound', { sound: 'later' });
    change(laterName);
    forge(laterTopic);
    room.message(user, 'between');
    const last = room.message(user, 'last');
    expect(await server.transact(world.roost, [last])).toEqual({ [last.eventId]: {} });
    expect(world.mallory.askedFor(p`/_matrix/federation/v1/state_ids/${roomId}`).length).toBeGreaterThan(0);
    expect(await eventOf(roomId, last.eventId)).toMatchObject({ body: 'last' });
    expect(await contentOf(roomId, 'm.room.name')).toEqual({});
    expect(await contentOf(roomId, 'm.room.topic')).toBeUndefined();
    expect(await contentOf(roomId, 'org.example.sound')).toEqual({ sound: 'later' });
    for (const { eventId } of [topic, laterTopic, forged])
      expect(await eventOf(roomId, eventId)).toBeUndefined();
  });
}

test('F3: of what a template says only its place in the graph is signed', async () => {
  const { user, alice, bob, mallory } = world;
  for (const way of ['join', 'leave', 'knock'] as const) {
    const room = server.createRoom('10', user);
    const { roomId } = room;
    if (way === 'knock') room.state(user, 'm.room.join_rules', { join_rule: 'knock' });
    if (way === 'leave') await server.invite(world.roost, room, user, bob.userId);
    const honest = room.template(bob.userId, way);
    const hostile = {
      ...honest,
      type: 'm.room.power_levels',
      sender: alice.userId,
      state_key: '',
      room_id: '!elsewhere:third.test',
      origin_server_ts: 1,
      content: { membership: 'ban', users: { [user]: 100 }, displayname: 'Mallory was here' },
      redacts: '$something',
      unsigned: { extra: true },
      'org.example.extra': { sign: 'this' },
    };
    mallory.on('GET', p`/_matrix/federation/v1/make_${way}/${roomId}/${bob.userId}`, {
      json: { room_version: '10', event: hostile },
    });
    const path = way === 'knock' ? p`/v3/knock/${roomId}` : p`/v3/rooms/${roomId}/${way}`;
    const answer = await bob.call('POST', `${path}?server_name=${server.name}&via=${server.name}`, {});
    expect(answer.status, way).toBe(200);
    const isSent = ({ method, path: sent }: Received) =>
      method === 'PUT' && sent.includes(`/send_${way}/`) && decodeURIComponent(sent).includes(roomId);
    const {
      content,
      hashes,
      signatures,
      origin_server_ts: ts,
      ...rest
    } = mallory.received.find(isSent)?.body ?? {};
    expect(rest).toEqual({
      type: 'm.room.member',
      room_id: roomId,
      sender: bob.userId,
      state_key: bob.userId,
      prev_events: honest.prev_events,
      auth_events: honest.auth_events,
      depth: honest.depth,
    });
    const { displayname, ...others } = content as JsonObject;
    expect(displayname ?? 'bob').toBe('bob');
    expect(others).toEqual({ membership: way });
    expect(Number(ts)).toBeGreaterThan(1);
    expect(Object.keys(signatures as object)).toEqual([world.roost.serverName]);
    expect(Object.keys(hashes as object)).toEqual(['sha256']);
  }
});
