import { afterAll, beforeAll, expect, test } from 'vitest';
import { CertificateAuthority } from '../../harness/federation/certificates.ts';
import { type FederatedRoost, startFederatedRoost } from '../../harness/federation/federated-roost.ts';
import { api, type Credentials, newTxnId, register } from '../../harness/matrix-client.ts';
import { waitFor } from '../../harness/wait-for.ts';

/** Two servers that federate over TLS on this machine. */
const ca = new CertificateAuthority();
let here: FederatedRoost;
let there: FederatedRoost;
let alice: Credentials;
let bob: Credentials;

interface Event {
  event_id: string;
  type: string;
  sender: string;
  state_key?: string;
  content: Record<string, unknown>;
}

beforeAll(async () => {
  [here, there] = await Promise.all([startFederatedRoost({ ca }), startFederatedRoost({ ca })]);
  alice = await register(here.url, 'alice');
  bob = await register(there.url, 'bob');
}, 120_000);

afterAll(async () => {
  await Promise.all([here?.stopAndRemove(), there?.stopAndRemove()]);
});

const as =
  (server: () => FederatedRoost, who: () => Credentials) =>
  <T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<T> =>
    api<T>(server().url, who().accessToken, method as 'GET', path, body as never);
const atAlice = as(
  () => here,
  () => alice,
);
const atBob = as(
  () => there,
  () => bob,
);

async function createRoom(options: object = {}): Promise<string> {
  const { room_id: roomId } = await atAlice<{ room_id: string }>('POST', 'v3/createRoom', {
    preset: 'public_chat',
    ...options,
  });
  return roomId;
}

async function join(roomId: string): Promise<void> {
  await atBob('POST', `v3/join/${encodeURIComponent(roomId)}?via=${here.serverName}`, {});
}

async function say(call: typeof atAlice, roomId: string, body: string): Promise<string> {
  const path = `v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${newTxnId()}`;
  return (await call<{ event_id: string }>('PUT', path, { msgtype: 'm.text', body })).event_id;
}

async function timeline(call: typeof atAlice, roomId: string): Promise<Event[]> {
  const path = `v3/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=100`;
  return (await call<{ chunk: Event[] }>('GET', path)).chunk.toReversed();
}

async function messages(call: typeof atAlice, roomId: string): Promise<unknown[]> {
  return (await timeline(call, roomId))
    .filter(({ type }) => type === 'm.room.message')
    .map(({ content }) => content.body);
}

async function state(call: typeof atAlice, roomId: string): Promise<Record<string, string>> {
  const events = await call<Event[]>('GET', `v3/rooms/${encodeURIComponent(roomId)}/state`);
  return Object.fromEntries(events.map((event) => [`${event.type} ${event.state_key}`, event.event_id]));
}

async function agree(roomId: string): Promise<void> {
  await waitFor('both servers to have the same state', async () => {
    const [one, other] = [await state(atAlice, roomId), await state(atBob, roomId)];
    return (
      JSON.stringify(Object.entries(one).toSorted()) === JSON.stringify(Object.entries(other).toSorted())
    );
  });
}

test.each(['1', '6', '10', '12'])(
  'a room of version %s is joined, and messages go both ways',
  async (version) => {
    const roomId = await createRoom({ room_version: version, name: `Version ${version}` });
    await join(roomId);
    await say(atAlice, roomId, 'hello from here');
    await waitFor('the message', async () => (await messages(atBob, roomId)).includes('hello from here'));
    await say(atBob, roomId, 'hello from there');
    await waitFor('the answer', async () => (await messages(atAlice, roomId)).includes('hello from there'));
    expect(await messages(atAlice, roomId)).toEqual(['hello from here', 'hello from there']);
    expect(await messages(atBob, roomId)).toEqual(['hello from here', 'hello from there']);
    await agree(roomId);
  },
);

test('a room is joined by its alias, and state that either sets is the state of both', async () => {
  const roomId = await createRoom({ room_alias_name: 'lobby' });
  await atBob('POST', `v3/join/${encodeURIComponent(`#lobby:${here.serverName}`)}`, {});
  await atAlice('PUT', `v3/rooms/${encodeURIComponent(roomId)}/state/m.room.topic/`, { topic: 'Both' });
  await waitFor('the topic', async () => (await state(atBob, roomId))['m.room.topic '] !== undefined);
  await agree(roomId);
});

test('who was banned is out on both sides, and cannot come back', async () => {
  const roomId = await createRoom();
  await join(roomId);
  await atAlice('POST', `v3/rooms/${encodeURIComponent(roomId)}/ban`, { user_id: bob.userId });
  await waitFor('the ban', async () => {
    const { joined_rooms: joined } = await atBob<{ joined_rooms: string[] }>('GET', 'v3/joined_rooms');
    return !joined.includes(roomId);
  });
  await expect(join(roomId)).rejects.toThrow('M_FORBIDDEN');
});

test('who left comes back, and reads what was said meanwhile and after', async () => {
  const roomId = await createRoom();
  await join(roomId);
  await say(atAlice, roomId, 'first');
  await waitFor('the message', async () => (await messages(atBob, roomId)).includes('first'));
  await atBob('POST', `v3/rooms/${encodeURIComponent(roomId)}/leave`, {});
  await waitFor('the departure', async () => {
    const event = (await state(atAlice, roomId))[`m.room.member ${bob.userId}`];
    return event !== undefined && (await timeline(atAlice, roomId)).at(-1)?.event_id === event;
  });
  await say(atAlice, roomId, 'while Bob is away');
  await join(roomId);
  await say(atAlice, roomId, 'welcome back');
  await waitFor('the welcome', async () => (await messages(atBob, roomId)).includes('welcome back'));
  await agree(roomId);
});

test('typing and receipts reach the other server', async () => {
  const roomId = await createRoom();
  await join(roomId);
  const eventId = await say(atAlice, roomId, 'read me');
  await waitFor('the message', async () => (await messages(atBob, roomId)).includes('read me'));
  const room = encodeURIComponent(roomId);
  await atBob('PUT', `v3/rooms/${room}/typing/${encodeURIComponent(bob.userId)}`, {
    typing: true,
    timeout: 30_000,
  });
  await atBob('POST', `v3/rooms/${room}/receipt/m.read/${encodeURIComponent(eventId)}`, {});
  await waitFor('typing and receipt', async () => {
    const sync = await atAlice<{ rooms?: { join?: Record<string, { ephemeral: { events: Event[] } }> } }>(
      'GET',
      'v3/sync',
    );
    const ephemeral = JSON.stringify(sync.rooms?.join?.[roomId]?.ephemeral.events ?? []);
    return (
      ephemeral.includes(`"user_ids":["${bob.userId}"]`) &&
      ephemeral.includes(`"${eventId}":{"m.read":{"${bob.userId}"`)
    );
  });
});

test('a server that was stopped gets what it missed', async () => {
  const roomId = await createRoom();
  await join(roomId);
  await say(atAlice, roomId, 'before');
  await waitFor('the message', async () => (await messages(atBob, roomId)).includes('before'));
  await there.roost.stop();
  for (let index = 0; index < 5; index++) await say(atAlice, roomId, `missed ${index}`);
  await there.roost.start();
  await waitFor(
    'what was missed',
    async () => (await messages(atBob, roomId)).includes('missed 4'),
    undefined,
    60_000,
  );
  expect(await messages(atBob, roomId)).toEqual([
    'before',
    'missed 0',
    'missed 1',
    'missed 2',
    'missed 3',
    'missed 4',
  ]);
});

test('an invitation to a private room is shown, and accepted without naming a server', async () => {
  const roomId = await createRoom({ preset: 'private_chat', name: 'Just us', invite: [bob.userId] });
  type Sync = { rooms?: { invite?: Record<string, { invite_state: { events: Event[] } }> } };
  const invite = await waitFor('the invitation', async () => {
    const { rooms } = await atBob<Sync>('GET', 'v3/sync');
    return rooms?.invite?.[roomId];
  });
  const name = invite.invite_state.events.find(({ type }) => type === 'm.room.name');
  expect(name?.content).toEqual({ name: 'Just us' });
  await atBob('POST', `v3/rooms/${encodeURIComponent(roomId)}/join`, {});
  await say(atBob, roomId, 'thanks');
  await waitFor('the answer', async () => (await messages(atAlice, roomId)).includes('thanks'));
  await agree(roomId);
});

test('an invitation is declined', async () => {
  const roomId = await createRoom({ preset: 'private_chat' });
  const room = encodeURIComponent(roomId);
  await atAlice('POST', `v3/rooms/${room}/invite`, { user_id: bob.userId });
  await atBob('POST', `v3/rooms/${room}/leave`, {});
  const path = `v3/rooms/${room}/state/m.room.member/${encodeURIComponent(bob.userId)}`;
  expect(await atAlice('GET', path)).toMatchObject({ membership: 'leave' });
  const { rooms } = await atBob<{ rooms?: { invite?: object } }>('GET', 'v3/sync');
  expect(rooms?.invite ?? {}).not.toHaveProperty(roomId);
});

test('an invitation is taken back, and is gone on the other side', async () => {
  const roomId = await createRoom({ preset: 'private_chat', invite: [bob.userId] });
  type Sync = { rooms?: { invite?: Record<string, unknown> } };
  const isInvited = async () => {
    const { rooms } = await atBob<Sync>('GET', 'v3/sync');
    return rooms?.invite?.[roomId] !== undefined;
  };
  await waitFor('the invitation', isInvited);
  await atAlice('POST', `v3/rooms/${encodeURIComponent(roomId)}/kick`, { user_id: bob.userId });
  await waitFor('its end', async () => !(await isInvited()));
  await expect(join(roomId)).rejects.toThrow('M_FORBIDDEN');
});

test('a knock is shown, and let in', async () => {
  const rules = { type: 'm.room.join_rules', state_key: '', content: { join_rule: 'knock' } };
  const roomId = await createRoom({ name: 'Behind a door', initial_state: [rules] });
  const room = encodeURIComponent(roomId);
  await atBob('POST', `v3/knock/${room}?via=${here.serverName}`, { reason: 'please' });
  const { rooms } = await atBob<{ rooms?: { knock?: Record<string, unknown> } }>('GET', 'v3/sync');
  expect(JSON.stringify(rooms?.knock?.[roomId])).toContain('Behind a door');
  const path = `v3/rooms/${room}/state/m.room.member/${encodeURIComponent(bob.userId)}`;
  expect(await atAlice('GET', path)).toMatchObject({ membership: 'knock', reason: 'please' });
  await atAlice('POST', `v3/rooms/${room}/invite`, { user_id: bob.userId });
  await atBob('POST', `v3/rooms/${room}/join`, {});
  await agree(roomId);
});

test('a restricted room lets in who is in the room that it names', async () => {
  const club = await createRoom({ name: 'Club' });
  const allow = [{ type: 'm.room_membership', room_id: club }];
  const rules = { type: 'm.room.join_rules', state_key: '', content: { join_rule: 'restricted', allow } };
  const roomId = await createRoom({ preset: 'private_chat', initial_state: [rules] });
  await expect(join(roomId)).rejects.toThrow('M_FORBIDDEN');
  await join(club);
  await join(roomId);
  await agree(roomId);
});

test('who joins late reads what was said before, page by page, as it was said', async () => {
  const roomId = await createRoom();
  const said = Array.from({ length: 130 }, (_, index) => `old ${index}`);
  for (const body of said) await say(atAlice, roomId, body);
  await join(roomId);
  const read: unknown[] = [];
  for (let from = ''; ; ) {
    const path = `v3/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=40${from && `&from=${from}`}`;
    const page = await atBob<{ chunk: Event[]; end?: string }>('GET', path);
    read.push(
      ...page.chunk.filter(({ type }) => type === 'm.room.message').map(({ content }) => content.body),
    );
    if (page.end === undefined) break;
    from = page.end;
  }
  expect(read.toReversed()).toEqual(said);
});

test('who joins late jumps to a date before that, and reads on in both directions', async () => {
  const roomId = await createRoom();
  const inRoom = `rooms/${encodeURIComponent(roomId)}`;
  const sent: string[] = [];
  for (const number of [1, 2, 3, 4, 5]) sent.push(await say(atAlice, roomId, `old ${number}`));
  const third = await atAlice<{ origin_server_ts: number }>('GET', `v3/${inRoom}/event/${sent[2]}`);
  await join(roomId);
  const jump = (ts: number, dir: string) =>
    atBob<{ event_id: string; origin_server_ts: number }>(
      'GET',
      `v1/${inRoom}/timestamp_to_event?ts=${ts}&dir=${dir}`,
    );
  const found = await jump(third.origin_server_ts, 'b');
  expect(found).toEqual({ event_id: sent[2], origin_server_ts: third.origin_server_ts });
  const context = await atBob<{ event: Event; end: string }>(
    'GET',
    `v3/${inRoom}/context/${found.event_id}?limit=0`,
  );
  expect(context.event.content.body).toBe('old 3');
  const page = (dir: string) =>
    atBob<{ chunk: Event[] }>('GET', `v3/${inRoom}/messages?dir=${dir}&limit=3&from=${context.end}`);
  const bodies = ({ chunk }: { chunk: Event[] }) => chunk.map(({ content }) => content.body);
  expect(bodies(await page('b'))).toEqual(['old 3', 'old 2', 'old 1']);
  const first = await jump(0, 'f');
  expect(first.event_id).toBe((await timeline(atAlice, roomId))[0]?.event_id);
  await expect(jump(0, 'b')).rejects.toThrow('M_NOT_FOUND');
  // What is fetched page by page closes both gaps, and each event stands where it stands elsewhere.
  const ids = async (call: typeof atAlice) => (await timeline(call, roomId)).map(({ event_id: id }) => id);
  await waitFor('the whole timeline', async () => (await ids(atBob)).length >= (await ids(atAlice)).length);
  expect(await ids(atBob)).toEqual(await ids(atAlice));
});

test('a picture that was uploaded elsewhere is downloaded, whole and in part, and kept', async () => {
  const picture = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const upload = await fetch(
    `${here.url}/_matrix/media/v3/upload?filename=${encodeURIComponent('ein „Bild“.png')}`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${alice.accessToken}`, 'content-type': 'image/png' },
      body: picture,
    },
  );
  const { content_uri: uri } = (await upload.json()) as { content_uri: string };
  const path = uri.replace('mxc://', '');
  const get = (headers: Record<string, string> = {}) =>
    fetch(`${there.url}/_matrix/client/v1/media/download/${path}`, {
      headers: { authorization: `Bearer ${bob.accessToken}`, ...headers },
    });
  const whole = await get();
  expect(whole.headers.get('content-type')).toBe('image/png');
  expect(whole.headers.get('content-disposition')).toContain(encodeURIComponent('ein „Bild“.png'));
  expect(Buffer.from(await whole.arrayBuffer())).toEqual(picture);
  const part = await get({ range: 'bytes=0-3' });
  expect(part.status).toBe(206);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(picture.subarray(0, 4));
  const absent = await fetch(`${there.url}/_matrix/client/v1/media/download/${here.serverName}/nothing`, {
    headers: { authorization: `Bearer ${bob.accessToken}` },
  });
  expect(absent.status).toBe(404);
});

test('a space with a room that is elsewhere is walked through, and the room previewed', async () => {
  const roomId = await createRoom({ name: 'Far away' });
  const inner = await createRoom({ name: 'Inner', creation_content: { type: 'm.space' } });
  const put = (call: typeof atAlice, space: string, child: string) =>
    call('PUT', `v3/rooms/${encodeURIComponent(space)}/state/m.space.child/${encodeURIComponent(child)}`, {
      via: [here.serverName],
    });
  await put(atAlice, inner, roomId);
  const hidden = await createRoom({ preset: 'private_chat', name: 'Hidden' });
  await put(atAlice, inner, hidden);
  const { room_id: space } = await atBob<{ room_id: string }>('POST', 'v3/createRoom', {
    name: 'Bob',
    creation_content: { type: 'm.space' },
  });
  await put(atBob, space, inner);
  const { rooms } = await atBob<{ rooms: { name: string; children_state: Event[] }[] }>(
    'GET',
    `v1/rooms/${encodeURIComponent(space)}/hierarchy`,
  );
  expect(rooms.map(({ name }) => name)).toEqual(['Bob', 'Inner', 'Far away']);
  const summary = await atBob('GET', `v1/room_summary/${encodeURIComponent(roomId)}?via=${here.serverName}`);
  expect(summary).toMatchObject({ room_id: roomId, name: 'Far away', num_joined_members: 1 });
});

test('the directory of another server', async () => {
  const roomId = await createRoom({ visibility: 'public', name: 'On the list', topic: 'Listed' });
  const path = `v3/publicRooms?server=${here.serverName}`;
  const { chunk } = await atBob<{ chunk: { room_id: string; name: string }[] }>('POST', path, {
    filter: { generic_search_term: 'on the list' },
  });
  expect(chunk).toMatchObject([{ room_id: roomId, name: 'On the list', num_joined_members: 1 }]);
  expect(JSON.stringify(await atBob('GET', path))).toContain(roomId);
});

test('profiles of users elsewhere', async () => {
  await atBob('PUT', `v3/profile/${encodeURIComponent(bob.userId)}/displayname`, {
    displayname: 'Bob Elsewhere',
  });
  const path = `v3/profile/${encodeURIComponent(bob.userId)}`;
  expect(await atAlice('GET', path)).toMatchObject({ displayname: 'Bob Elsewhere' });
});
