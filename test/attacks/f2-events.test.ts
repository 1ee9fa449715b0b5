import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventIdOf } from '../../homeserver/src/protocol/event-hash.ts';
import type { Pdu } from '../../homeserver/src/protocol/pdu.ts';
import { roomVersion } from '../../homeserver/src/protocol/room-versions.ts';
import { hashAndSign } from '../../homeserver/src/protocol/signatures.ts';
import type { JsonObject } from '../../matrix/json.ts';
import { CertificateAuthority } from '../harness/federation/certificates.ts';
import { type FederatedRoost, startFederatedRoost } from '../harness/federation/federated-roost.ts';
import { FederationServer } from '../harness/federation/federation-server.ts';
import { api, type Credentials, newTxnId, register } from '../harness/matrix-client.ts';
import { waitFor } from '../harness/wait-for.ts';

/** A server that is in a room of ours and lies: F2 to F4, F6, F10, F11, F13, F14 over the network. */
const ca = new CertificateAuthority();
const version = roomVersion('11');
let roost: FederatedRoost;
let mallory: FederationServer;
let alice: Credentials;
let bob: Credentials;
let roomId: string;
let user: string;
let transactions = 0;

interface Signed {
  pdu: JsonObject;
  eventId: string;
}

beforeAll(async () => {
  roost = await startFederatedRoost({ ca });
  mallory = await FederationServer.start({ ca });
  alice = await register(roost.url, 'alice');
  bob = await register(roost.url, 'bob');
  user = `@mallory:${mallory.name}`;
  roomId = await newRoom();
  await join(roomId);
}, 120_000);

afterAll(async () => {
  await mallory?.stop();
  await roost?.stopAndRemove();
});

const atAlice = <T = JsonObject>(method: string, path: string, body?: object) =>
  api<T>(roost.url, alice.accessToken, method, path, body);

async function newRoom(): Promise<string> {
  const { room_id } = await atAlice<{ room_id: string }>('POST', 'v3/createRoom', {
    preset: 'public_chat',
    room_version: '11',
  });
  return room_id;
}

const ask = (method: string, path: string, body?: JsonObject) =>
  mallory.send(roost, method, `/_matrix/federation/${path}`, body);

async function template(room: string, userId = user): Promise<JsonObject> {
  const { body } = await ask(
    'GET',
    `v1/make_join/${encodeURIComponent(room)}/${encodeURIComponent(userId)}?ver=11`,
  );
  return body.event as JsonObject;
}

function sign(event: JsonObject): Signed {
  if (!version) throw new Error('no version 11');
  const pdu = hashAndSign({ ...event, origin_server_ts: Date.now() }, version, mallory.name, mallory.key);
  return { pdu, eventId: eventIdOf(pdu as unknown as Pdu, version) };
}

async function join(room: string): Promise<string> {
  const { pdu, eventId } = sign(await template(room));
  const path = `v2/send_join/${encodeURIComponent(room)}/${encodeURIComponent(eventId)}`;
  const { status, body } = await ask('PUT', path, pdu);
  expect([status, body.errcode]).toEqual([200, undefined]);
  return eventId;
}

/** An event of Mallory's user on the ends of the room. */
async function message(body: string, more: JsonObject = {}, room = roomId): Promise<JsonObject> {
  const { prev_events, depth } = await template(room);
  const state = await atAlice<{ type: string; state_key?: string; event_id: string }[]>(
    'GET',
    `v3/rooms/${encodeURIComponent(room)}/state`,
  );
  const own = state.find(({ type, state_key }) => type === 'm.room.member' && state_key === user);
  const auth = state.filter(({ type }) => type === 'm.room.create' || type === 'm.room.power_levels');
  return {
    type: 'm.room.message',
    sender: user,
    room_id: room,
    content: { msgtype: 'm.text', body },
    prev_events: prev_events as string[],
    auth_events: [...auth.map(({ event_id }) => event_id), ...(own ? [own.event_id] : [])],
    depth: depth as number,
    ...more,
  };
}

async function transact(pdus: JsonObject[], edus: JsonObject[] = []) {
  const body = { origin: mallory.name, origin_server_ts: Date.now(), pdus, edus };
  const answer = await ask('PUT', `v1/send/${++transactions}`, body);
  expect(answer.status).toBe(200);
  return answer.body.pdus as Record<string, { error?: string }>;
}

async function contents(): Promise<Record<string, JsonObject>> {
  const { chunk } = await atAlice<{ chunk: { event_id: string; content: JsonObject }[] }>(
    'GET',
    `v3/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=100`,
  );
  return Object.fromEntries(chunk.map(({ event_id, content }) => [event_id, content]));
}

test('F2: of a changed event the redacted form is kept; a wrong signature is refused; what is right is taken', async () => {
  const changed = sign(await message('as it was signed'));
  const forged = sign(await message('with a signature of nobody'));
  const sound = sign(await message('sound'));
  const signatures = { [mallory.name]: { [mallory.key.keyId]: 'A'.repeat(86) } };
  const results = await transact([
    { ...changed.pdu, content: { msgtype: 'm.text', body: 'as it was changed' } },
    { ...forged.pdu, signatures },
    sound.pdu,
    { type: 'nonsense' },
    { ...sound.pdu, depth: -1 },
  ]);
  expect(results[changed.eventId]).toEqual({});
  expect(results[forged.eventId]).toMatchObject({ error: expect.stringContaining('signature') });
  expect(results[sound.eventId]).toEqual({});
  const seen = await contents();
  expect(seen[changed.eventId]).toEqual({});
  expect(seen).not.toHaveProperty([forged.eventId]);
  expect(seen[sound.eventId]).toMatchObject({ body: 'sound' });
});

test('F2: what is fetched is judged as what is sent', async () => {
  const missing = sign(await message('never sent, and changed'));
  const { pdu, eventId } = sign({ ...(await message('behind it')), prev_events: [missing.eventId] });
  const altered = { ...missing.pdu, signatures: { [mallory.name]: { [mallory.key.keyId]: 'B'.repeat(86) } } };
  const path = `/_matrix/federation/v1/get_missing_events/${encodeURIComponent(roomId)}`;
  mallory.on('POST', path, { json: { events: [altered] } });
  const results = await transact([pdu]);
  expect(results[eventId]).toMatchObject({ error: expect.any(String) });
  const seen = await contents();
  expect(seen).not.toHaveProperty([missing.eventId]);
  expect(seen).not.toHaveProperty([eventId]);
});

test('F6: nobody speaks for the users of another server', async () => {
  const asAlice = sign({ ...(await message('I am Alice')), sender: alice.userId });
  const asOther = sign({ ...(await message('I am somebody')), sender: '@somebody:third.test' });
  const results = await transact([asAlice.pdu, asOther.pdu]);
  expect(results[asAlice.eventId]).toHaveProperty('error');
  expect(results[asOther.eventId]).toHaveProperty('error');
  expect(JSON.stringify(await contents())).not.toContain('I am ');
});

test('F3, F4: a member event that is not what the path says is refused', async () => {
  const room = await newRoom();
  const event = await template(room);
  const send = async (signed: Signed, path = 'send_join', eventId = signed.eventId, inRoom = room) =>
    (await ask('PUT', `v2/${path}/${encodeURIComponent(inRoom)}/${encodeURIComponent(eventId)}`, signed.pdu))
      .status;
  expect(await send(sign(event), 'send_join', '$another')).toBe(400);
  expect(await send(sign(event), 'send_join', undefined, roomId)).toBe(400);
  expect(await send(sign(event), 'send_leave')).toBe(400);
  expect(await send(sign({ ...event, type: 'm.room.name', state_key: '' }))).toBe(400);
  expect(await send(sign({ ...event, state_key: alice.userId }))).toBe(400);
  expect(await send(sign({ ...event, sender: alice.userId, state_key: alice.userId }))).toBe(400);
  const others = encodeURIComponent('@eve:third.test');
  expect((await ask('GET', `v1/make_join/${encodeURIComponent(room)}/${others}?ver=11`)).status).toBe(403);
  const members = await atAlice<{ joined: object }>(
    'GET',
    `v3/rooms/${encodeURIComponent(room)}/joined_members`,
  );
  expect(Object.keys(members.joined)).toEqual([alice.userId]);
});

test('F14: receipts, typing, messages and devices in the name of others change nothing', async () => {
  const eventId = Object.keys(await contents())[0] ?? '';
  const receipt = (userId: string) => ({
    edu_type: 'm.receipt',
    content: { [roomId]: { 'm.read': { [userId]: { event_ids: [eventId], data: { ts: 1 } } } } },
  });
  const typing = (userId: string) => ({
    edu_type: 'm.typing',
    content: { room_id: roomId, user_id: userId, typing: true },
  });
  const toDevice = (sender: string) => ({
    edu_type: 'm.direct_to_device',
    content: {
      sender,
      type: 'org.example.forged',
      message_id: newTxnId(),
      messages: { [alice.userId]: { '*': { from: sender } } },
    },
  });
  const foreign = [bob.userId, '@somebody:third.test'];
  await transact(
    [],
    [
      ...foreign.flatMap((userId) => [receipt(userId), typing(userId), toDevice(userId)]),
      { edu_type: 'm.device_list_update', content: { user_id: bob.userId, device_id: 'X', stream_id: 1 } },
      { edu_type: 'm.receipt', content: { [roomId]: { 'm.read': 'nonsense' } } },
      { edu_type: 'org.example.unknown', content: [] as never },
      toDevice(user),
      typing(user),
    ],
  );
  type Sync = {
    to_device?: { events: { sender: string }[] };
    rooms?: { join?: Record<string, { ephemeral: object }> };
  };
  const sync = await waitFor('what Mallory may say', async () => {
    const answer = await atAlice<Sync>('GET', 'v3/sync');
    return JSON.stringify(answer.rooms?.join?.[roomId]?.ephemeral).includes(user) && answer;
  });
  expect(sync.to_device?.events.map(({ sender }) => sender)).toEqual([user]);
  const ephemeral = JSON.stringify(sync.rooms?.join?.[roomId]?.ephemeral);
  for (const userId of foreign) expect(ephemeral).not.toContain(userId);
});

test('F11: an invitation with nonsense beside it is shown, or refused, and sync goes on', async () => {
  const create = sign({
    type: 'm.room.create',
    sender: user,
    state_key: '',
    room_id: `!dark:${mallory.name}`,
    content: { room_version: '11' },
    prev_events: [],
    auth_events: [],
    depth: 1,
  });
  const invite = (content: JsonObject, stateKey = bob.userId) =>
    sign({
      type: 'm.room.member',
      sender: user,
      state_key: stateKey,
      room_id: `!dark:${mallory.name}`,
      content,
      prev_events: [create.eventId],
      auth_events: [create.eventId],
      depth: 2,
    });
  const put = (signed: Signed, state: unknown, eventId = signed.eventId) =>
    ask('PUT', `v2/invite/${encodeURIComponent(`!dark:${mallory.name}`)}/${encodeURIComponent(eventId)}`, {
      room_version: '11',
      event: signed.pdu,
      invite_room_state: state as never,
    });
  const good = invite({ membership: 'invite' });
  expect((await put(good, [], '$other')).status).toBe(400);
  expect((await put(invite({ membership: 'join' }), [])).status).toBe(400);
  expect((await put(invite({ membership: 'invite' }, '@nobody:third.test'), [])).status).toBe(400);
  expect((await put(invite({ membership: 'invite' }, `@nobody:${roost.serverName}`), [])).status).toBe(404);
  const nonsense = [
    null,
    1,
    'x',
    { type: 1 },
    { type: 'm.room.name', state_key: '', sender: user, content: 'x' },
  ];
  expect((await put(good, [...nonsense, create.pdu])).status).toBe(200);
  const sync = await api<{ rooms?: { invite?: object } }>(roost.url, bob.accessToken, 'GET', 'v3/sync');
  expect(Object.keys(sync.rooms?.invite ?? {})).toEqual([`!dark:${mallory.name}`]);
});

test('F10: a server that the room bars is heard no more, neither its events nor what its users type', async () => {
  const room = encodeURIComponent(roomId);
  const before = sign(await message('just before'));
  expect((await transact([before.pdu]))[before.eventId]).toEqual({});
  const late = sign(await message('too late'));
  await atAlice('PUT', `v3/rooms/${room}/state/m.room.server_acl/`, { allow: ['*'], deny: ['local*'] });
  const typing = { edu_type: 'm.typing', content: { room_id: roomId, user_id: user, typing: false } };
  expect((await transact([late.pdu], [typing]))[late.eventId]).toHaveProperty('error');
  expect(JSON.stringify(await contents())).not.toContain('too late');
  expect((await ask('GET', `v1/backfill/${room}?limit=5&v=${encodeURIComponent(late.eventId)}`)).status).toBe(
    403,
  );
  await atAlice('PUT', `v3/rooms/${room}/state/m.room.server_acl/`, { allow: ['*'] });
});

test('F13: who is out of the room is told nothing more of it', async () => {
  const room = encodeURIComponent(roomId);
  const eventId = encodeURIComponent(Object.keys(await contents())[0] ?? '');
  const paths = [
    `v1/state/${room}?event_id=${eventId}`,
    `v1/state_ids/${room}?event_id=${eventId}`,
    `v1/event_auth/${room}/${eventId}`,
    `v1/backfill/${room}?limit=5&v=${eventId}`,
  ];
  for (const path of paths) expect((await ask('GET', path)).status, path).toBe(200);
  await atAlice('POST', `v3/rooms/${room}/kick`, { user_id: user });
  for (const path of paths) expect((await ask('GET', path)).status, path).toBe(403);
  expect((await ask('GET', `v1/event/${eventId}`)).status).toBe(404);
  const query = { latest_events: [decodeURIComponent(eventId)], earliest_events: [], limit: 5 };
  expect((await ask('POST', `v1/get_missing_events/${room}`, query)).status).toBe(403);
});
