import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../matrix/json.ts';
import { newTxnId } from '../harness/matrix-client.ts';
import { waitFor } from '../harness/wait-for.ts';
import { p } from './lib/attacker.ts';
import { HostileWorld, type Signed } from './lib/hostile-world.ts';

/** A server that is in a room of ours and lies: F2 to F4, F6, F10, F11, F13, F14 over the network. */
let world: HostileWorld;
let roomId: string;

beforeAll(async () => {
  world = await HostileWorld.start();
  roomId = await world.newRoom();
  await world.join(roomId);
}, 120_000);

afterAll(() => world?.stop());

/** What was sent stands in the room, with these contents. */
const contents = () => world.contents(roomId);
const message = (body: string, more?: JsonObject) => world.message(roomId, body, more);
const forgedBy = (letter: string) => ({
  signatures: { [world.mallory.name]: { [world.mallory.key.keyId]: letter.repeat(86) } },
});

test('F2: of a changed event the redacted form is kept; a wrong signature is refused; what is right is taken', async () => {
  const changed = world.sign(await message('as it was signed'));
  const forged = world.sign(await message('with a signature of nobody'));
  const sound = world.sign(await message('sound'));
  const results = await world.transact([
    { ...changed.pdu, content: { msgtype: 'm.text', body: 'as it was changed' } },
    { ...forged.pdu, ...forgedBy('A') },
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

test('F2: what is fetched between is judged as what is sent', async () => {
  const missing = world.sign(await message('never sent, and changed'));
  const behind = world.sign({ ...(await message('behind it')), prev_events: [missing.eventId] });
  const path = `/_matrix/federation/v1/get_missing_events/${encodeURIComponent(roomId)}`;
  world.mallory.on('POST', path, { json: { events: [{ ...missing.pdu, ...forgedBy('B') }] } });
  const results = await world.transact([behind.pdu]);
  expect(results[behind.eventId]).toMatchObject({ error: expect.any(String) });
  const seen = await contents();
  expect(seen).not.toHaveProperty([missing.eventId]);
  expect(seen).not.toHaveProperty([behind.eventId]);
});

test('F1: a transaction that is repeated does nothing twice', async () => {
  const { pdu, eventId } = world.sign(await message('once'));
  const content = { sender: world.user, type: 'org.example.once', message_id: newTxnId() };
  const messages = { [world.bob.userId]: { '*': { once: true } } };
  const edu = { edu_type: 'm.direct_to_device', content: { ...content, messages } };
  const body = { origin: world.mallory.name, origin_server_ts: 1, pdus: [pdu], edus: [edu] };
  for (const id of ['repeated', 'repeated', 'under-another-id']) {
    const answer = await world.ask('PUT', `v1/send/${id}`, body);
    expect(answer).toEqual({ status: 200, body: { pdus: { [eventId]: {} } } });
  }
  expect(Object.values(await contents()).filter((one) => one.body === 'once')).toHaveLength(1);
  const { to_device } = await world.bob.ok('GET', '/v3/sync');
  expect(to_device.events).toMatchObject([{ type: 'org.example.once' }]);
});

test('F6, R4: nobody speaks for the users of another server, nor for ghosts of ours', async () => {
  const senders = [world.alice.userId, `@_slack_U1:${world.roost.serverName}`, '@somebody:third.test'];
  const forged: Signed[] = [];
  for (const sender of senders) {
    forged.push(world.sign(await message(`I am ${sender}`, { sender })));
    const join = { type: 'm.room.member', sender, state_key: sender, content: { membership: 'join' } };
    forged.push(world.sign(await message('', join)));
  }
  const results = await world.transact(forged.map(({ pdu }) => pdu));
  for (const { eventId } of forged) expect(results[eventId]).toHaveProperty('error');
  expect(JSON.stringify(await contents())).not.toContain('I am ');
  const { joined } = await world.alice.ok('GET', p`/v3/rooms/${roomId}/joined_members`);
  expect(Object.keys(joined).sort()).toEqual([world.alice.userId, world.user].sort());
});

test('F3, F4: a member event that is not what the path says is refused', async () => {
  const room = await world.newRoom({
    initial_state: [{ type: 'm.room.join_rules', state_key: '', content: { join_rule: 'knock' } }],
  });
  const members = async () => (await world.alice.ok('GET', p`/v3/rooms/${room}/members`)).chunk.length;
  const path = (way: string, inRoom: string, eventId: string) =>
    way === 'knock' ? p`v1/send_knock/${inRoom}/${eventId}` : p`v2/send_${way}/${inRoom}/${eventId}`;
  const before = await members();
  for (const way of ['join', 'leave', 'knock']) {
    const event: JsonObject = {
      ...(await world.message(room, '', {}, 'knock')),
      type: 'm.room.member',
      state_key: world.user,
      content: { membership: way },
    };
    const send = async (signed: Signed, inRoom = room, eventId = signed.eventId) =>
      (await world.ask('PUT', path(way, inRoom, eventId), signed.pdu)).status;
    expect(await send(world.sign(event), room, '$another'), way).toBe(400);
    expect(await send(world.sign(event), roomId), way).toBe(400);
    const { userId } = world.alice;
    for (const wrong of [
      { type: 'm.room.name', state_key: '' },
      { state_key: userId },
      { sender: userId, state_key: userId },
      { room_id: roomId },
      ...['join', 'leave', 'knock', 'ban', 'invite']
        .filter((membership) => membership !== way)
        .map((membership) => ({ content: { membership } })),
    ]) {
      expect(await send(world.sign({ ...event, ...wrong })), `${way} ${JSON.stringify(wrong)}`).toBe(400);
    }
    const { state_key: _, ...noState } = event;
    expect(await send(world.sign(noState)), way).toBe(400);
    const template = await world.ask('GET', p`v1/make_${way}/${room}/${'@eve:third.test'}?ver=11`);
    expect(template.status, way).toBe(403);
  }
  expect(await members()).toBe(before);
});

test('F14, R6: receipts, typing, messages and devices in the name of others change nothing', async () => {
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
      messages: { [world.alice.userId]: { '*': { from: sender } } },
    },
  });
  const foreign = [world.bob.userId, '@somebody:third.test'];
  const shared = await world.newRoom();
  await world.bob.ok('POST', p`/v3/join/${shared}`, {});
  await world.transact(
    [],
    [
      ...foreign.flatMap((userId) => [receipt(userId), typing(userId), toDevice(userId)]),
      {
        edu_type: 'm.device_list_update',
        content: { user_id: world.bob.userId, device_id: 'X', stream_id: 1 },
      },
      { edu_type: 'm.signing_key_update', content: { user_id: world.bob.userId, master_key: {} } },
      {
        edu_type: 'm.presence',
        content: {
          push: [...foreign, world.user].map((userId) => ({
            user_id: userId,
            presence: 'online',
            status_msg: userId === world.user ? 'real' : 'forged',
          })),
        },
      },
      { edu_type: 'm.presence', content: { push: 'nonsense' } },
      { edu_type: 'm.receipt', content: { [roomId]: { 'm.read': 'nonsense' } } },
      { edu_type: 'org.example.unknown', content: [] as never },
      toDevice(world.user),
      typing(world.user),
    ],
  );
  const sync = await waitFor('what Mallory may say', async () => {
    const answer = await world.alice.ok('GET', '/v3/sync');
    return JSON.stringify(answer.rooms?.join?.[roomId]?.ephemeral).includes(world.user) && answer;
  });
  expect(sync.to_device?.events.map(({ sender }: { sender: string }) => sender)).toEqual([world.user]);
  const ephemeral = JSON.stringify(sync.rooms?.join?.[roomId]?.ephemeral);
  for (const userId of foreign) expect(ephemeral).not.toContain(userId);
  // What Mallory says of its own user has come, and with it all that it said of others.
  const statusOf = async (userId: string) =>
    (await world.alice.call('GET', p`/v3/presence/${userId}/status`)).body.status_msg;
  await waitFor('the status of its own user', async () => (await statusOf(world.user)) === 'real');
  expect(await statusOf(world.bob.userId)).not.toBe('forged');
  const { presence } = await world.alice.ok('GET', '/v3/sync');
  expect(JSON.stringify(presence)).not.toContain('forged');
  expect((await world.bob.ok('GET', '/v3/devices')).devices).toHaveLength(1);
});

test('F11, F4, F6: an invitation with nonsense beside it is shown, or refused, and sync goes on', async () => {
  const create = world.sign({
    type: 'm.room.create',
    sender: world.user,
    state_key: '',
    room_id: `!dark:${world.mallory.name}`,
    content: { room_version: '11' },
    prev_events: [],
    auth_events: [],
    depth: 1,
  });
  const invite = (content: JsonObject, stateKey = world.bob.userId) =>
    world.sign({
      type: 'm.room.member',
      sender: world.user,
      state_key: stateKey,
      room_id: `!dark:${world.mallory.name}`,
      content,
      prev_events: [create.eventId],
      auth_events: [create.eventId],
      depth: 2,
    });
  const put = (signed: Signed, state: unknown, eventId = signed.eventId) =>
    world.ask(
      'PUT',
      `v2/invite/${encodeURIComponent(`!dark:${world.mallory.name}`)}/${encodeURIComponent(eventId)}`,
      {
        room_version: '11',
        event: signed.pdu,
        invite_room_state: state as never,
      },
    );
  const good = invite({ membership: 'invite' });
  expect((await put(good, [], '$other')).status).toBe(400);
  const elsewhere = { room_version: '11', event: good.pdu, invite_room_state: [] };
  expect((await world.ask('PUT', p`v2/invite/${roomId}/${good.eventId}`, elsewhere)).status).toBe(400);
  expect((await world.ask('PUT', p`v1/invite/${roomId}/${good.eventId}`, good.pdu)).status).toBe(400);
  for (const sender of ['@somebody:third.test', world.alice.userId]) {
    const forged = world.sign({ ...good.pdu, sender });
    expect((await put(forged, [])).status).toBe(400);
  }
  expect((await put(invite({ membership: 'join' }), [])).status).toBe(400);
  expect((await put(invite({ membership: 'invite' }, '@nobody:third.test'), [])).status).toBe(400);
  expect((await put(invite({ membership: 'invite' }, `@nobody:${world.roost.serverName}`), [])).status).toBe(
    404,
  );
  const nonsense = [
    null,
    1,
    'x',
    { type: 1 },
    { type: 'm.room.name', state_key: '', sender: world.user, content: 'x' },
  ];
  expect((await put(good, [...nonsense, create.pdu])).status).toBe(200);
  const invited = `!dark:${world.mallory.name}`;
  const sync = await world.bob.ok('GET', '/v3/sync');
  expect(Object.keys(sync.rooms.invite)).toEqual([invited]);
  const sliding = await world.bob.ok('POST', '/unstable/org.matrix.simplified_msc3575/sync', {
    conn_id: 'invited',
    lists: { all: { ranges: [[0, 9]], timeline_limit: 1, required_state: [['*', '*']] } },
  });
  expect(Object.keys(sliding.rooms)).toContain(invited);
  const told: { type: string }[] =
    sliding.rooms[invited].invite_state ?? sliding.rooms[invited].stripped_state;
  expect(told.map(({ type }) => type).sort()).toEqual(['m.room.create', 'm.room.member']);
});

test('F10: a server that the room bars is heard no more, neither its events nor what its users do', async () => {
  const before = world.sign(await message('just before'));
  expect((await world.transact([before.pdu]))[before.eventId]).toEqual({});
  const late = world.sign(await message('too late'));
  // Dear for what goes back at each star; and long.
  const deny = [`${'*a'.repeat(60)}*b`, ...Array.from({ length: 2500 }, (_, i) => `*.evil${i}.*`), 'local*'];
  await world.alice.setState(roomId, 'm.room.server_acl', { allow: ['*'], deny });
  const data = { event_ids: [before.eventId], data: { ts: 1 } };
  const edus = [
    { edu_type: 'm.typing', content: { room_id: roomId, user_id: world.user, typing: true } },
    { edu_type: 'm.receipt', content: { [roomId]: { 'm.read': { [world.user]: data } } } },
  ];
  expect((await world.transact([late.pdu], edus))[late.eventId]).toHaveProperty('error');
  expect(JSON.stringify(await contents())).not.toContain('too late');
  const backfill = await world.ask('GET', p`v1/backfill/${roomId}?limit=5&v=${late.eventId}`);
  expect(backfill.status).toBe(403);
  const sync = await world.alice.ok('GET', '/v3/sync');
  const ephemeral: { type: string }[] = sync.rooms.join[roomId].ephemeral.events;
  expect(JSON.stringify(ephemeral.filter(({ type }) => type === 'm.receipt'))).not.toContain(world.user);
  await world.alice.setState(roomId, 'm.room.server_acl', { allow: ['*'] });
});

test('F13, R7: who is not in the room, or not any more, is told nothing of it', async () => {
  const [eventId = ''] = Object.keys(await contents());
  const latest = { latest_events: [eventId], earliest_events: [], limit: 5 };
  const answers = async (room: string, id: string) => {
    const asked: [string, string, JsonObject?][] = [
      ['GET', p`v1/state/${room}?event_id=${id}`],
      ['GET', p`v1/state_ids/${room}?event_id=${id}`],
      ['GET', p`v1/event_auth/${room}/${id}`],
      ['GET', p`v1/backfill/${room}?limit=5&v=${id}`],
      ['POST', p`v1/get_missing_events/${room}`, { ...latest, latest_events: [id] }],
      ['GET', p`v1/event/${id}`],
    ];
    const statuses = asked.map(async ([method, path, body]) => (await world.ask(method, path, body)).status);
    return Promise.all(statuses);
  };
  expect(await answers(roomId, eventId)).toEqual([200, 200, 200, 200, 200, 200]);
  const secret = await world.alice.createRoom({ preset: 'private_chat' });
  const said = await world.alice.send(secret, 'm.room.message', { body: 'secret' }, newTxnId());
  expect(await answers(secret, said)).toEqual([403, 403, 403, 403, 403, 404]);
  await world.alice.ok('POST', p`/v3/rooms/${roomId}/kick`, { user_id: world.user });
  const afterwards = await world.alice.send(roomId, 'm.room.message', { body: 'gone?' }, newTxnId());
  expect(await answers(roomId, afterwards)).toEqual([403, 403, 403, 403, 403, 404]);
  // What its users saw when they were there it may ask for, so that it understands how they came to be out.
  const [state, stateIds, eventAuth] = await answers(roomId, eventId);
  expect([state, stateIds, eventAuth]).toEqual([200, 200, 200]);
  const { body } = await world.ask('GET', p`v1/state/${roomId}?event_id=${eventId}`);
  expect(JSON.stringify(body)).not.toContain('"membership":"leave"');
  // Media are of no room: to ask for them is for servers alone, and those need a signature.
  const media = await fetch(`${world.roost.url}/_matrix/federation/v1/media/download/any`);
  expect(media.status).toBe(401);
});
