import { beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../homeserver/src/api/routes.ts';
import { ask, inParallel, Person, p } from './lib/attacker.ts';
import { fill, parametersOf } from './lib/route-cases.ts';
import { target } from './lib/target.ts';

/**
 * C3: what was said before somebody came or after they went, read in every way that there is. Each moment leaves a
 * word of its own in the room; what reaches a reader is searched for the words of moments that are not theirs.
 */
const visibilities = ['world_readable', 'shared', 'invited', 'joined'] as const;
type Visibility = (typeof visibilities)[number];
type Moment = 'before' | 'invited' | 'during' | 'after';

/** By the history visibility, what somebody may read who was invited, joined, and has left. */
const readable: Record<Visibility, readonly Moment[]> = {
  world_readable: ['before', 'invited', 'during', 'after'],
  shared: ['before', 'invited', 'during'],
  invited: ['invited', 'during'],
  joined: ['during'],
};

const { url } = target;
const moments: readonly Moment[] = ['before', 'invited', 'during', 'after'];
/** Said in a message at that moment. */
const word = (moment: Moment) => `word-${moment}-ebb`;
/** Of the topic and the display name that were set then: state, which is also read as it was when one came. */
const stateWord = (moment: Moment) => `state-${moment}-ebb`;

interface Scene {
  roomId: string;
  events: Record<Moment, string>;
  olive: Person;
  leaver: Person;
  invitee: Person;
  stranger: Person;
  /** The leaver's last positions while in the room. */
  since: string;
  pos: string;
  /** The end of the room, as its creator is told. */
  newest: string;
}

async function playScene(visibility: Visibility): Promise<Scene> {
  const [olive, leaver, invitee, stranger] = await Promise.all(
    ['olive', 'leaver', 'invitee', 'stranger'].map((name) =>
      Person.register(url, `c3-${visibility}-${name}`),
    ),
  );
  if (!olive || !leaver || !invitee || !stranger) throw new Error('nobody came');
  const roomId = await olive.createRoom({
    initial_state: [
      { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: visibility } },
    ],
  });
  const room = p`/v3/rooms/${roomId}`;
  const events = {} as Record<Moment, string>;
  let txn = 0;
  const say = (content: object) => olive.send(roomId, 'm.room.message', content, String(txn++));
  const speak = async (moment: Moment) => {
    events[moment] = await say({ msgtype: 'm.text', body: word(moment) });
    await olive.setState(roomId, 'm.room.topic', { topic: stateWord(moment) });
  };
  await speak('before');
  await olive.ok('POST', `${room}/invite`, { user_id: leaver.userId });
  await speak('invited');
  await leaver.ok('POST', `${room}/join`, {});
  await speak('during');
  const { next_batch: since } = await leaver.ok('GET', '/v3/sync?timeout=0');
  const { pos } = await slide(leaver, roomId);
  await olive.ok('POST', `${room}/kick`, { user_id: leaver.userId });
  await speak('after');
  // What is said of what they know reaches whoever reads that: as edit, answer, thread or reaction.
  const text = { msgtype: 'm.text', body: word('after') };
  const of = { event_id: events.during };
  await say({ ...text, 'm.new_content': text, 'm.relates_to': { ...of, rel_type: 'm.replace' } });
  await say({ ...text, 'm.relates_to': { ...of, rel_type: 'm.thread' } });
  await say({ ...text, 'm.relates_to': { ...of, rel_type: 'm.reference' } });
  const annotation = { ...of, rel_type: 'm.annotation', key: word('after') };
  await olive.send(roomId, 'm.reaction', { 'm.relates_to': annotation }, 'reaction');
  await olive.ok('PUT', p`/v3/profile/${olive.userId}/displayname`, { displayname: stateWord('after') });
  await olive.ok('POST', `${room}/invite`, { user_id: invitee.userId });
  const { start: newest } = await olive.ok('GET', `${room}/messages?dir=b&limit=1`);
  return { roomId, events, olive, leaver, invitee, stranger, since, pos, newest };
}

function slide(reader: Person, roomId: string, pos?: string) {
  const room = { timeline_limit: 100, required_state: [['*', '*']] };
  return reader.ok(
    'POST',
    `/unstable/org.matrix.simplified_msc3575/sync?timeout=0${pos === undefined ? '' : `&pos=${pos}`}`,
    { lists: { all: { ranges: [[0, 99]], ...room } }, room_subscriptions: { [roomId]: room } },
  );
}

function slideV4(reader: Person, roomId: string) {
  const room = { timeline_limit: 100, required_state: { include: [{}] } };
  const lists = { all: { range: [0, 99], ...room } };
  return reader.call('POST', '/v4/sync', { conn_id: 'v4', lists, room_subscriptions: { [roomId]: room } });
}

function search(reader: Person, search_term: string, filter: object) {
  const event_context = { before_limit: 10, after_limit: 10, include_profile: true };
  const criteria = { search_term, filter, order_by: 'recent', include_state: true, event_context };
  return reader.call('POST', '/v3/search', { search_categories: { room_events: criteria } });
}

/** Every answer that tells of the room, by the request. */
async function readEverything(reader: Person, scene: Scene): Promise<Map<string, string>> {
  const { roomId, events, newest } = scene;
  const read = new Map<string, string>();
  const get = async (path: string) => {
    const { status, text } = await reader.call('GET', path.replace('/_matrix/client', ''));
    if (status >= 500) throw new Error(`GET ${path}: ${status} ${text}`);
    read.set(`GET ${path}`, text);
  };
  const paths = routes
    .filter(({ method, auth, paths: [path] }) => {
      return method === 'GET' && auth !== 'none' && path.startsWith('/_matrix/client/') && isOfRoom(path);
    })
    .flatMap(({ paths: [path] }) => {
      const values = { roomId, roomIdOrAlias: roomId, userId: reader.userId, relType: 'm.thread' };
      const state = { eventType: 'm.room.topic', stateKey: '' };
      if (parametersOf(path).includes('eventId')) {
        const ids = Object.values(events);
        return ids.map((eventId) => fill(path, { ...values, eventId, eventType: 'm.room.message' }));
      }
      const bare = fill(path, { ...values, ...state });
      return [`${bare}?dir=b&ts=99999999999999&limit=100`, `${bare}?dir=f&ts=0&limit=100&at=${newest}`];
    });
  await inParallel(paths, get);
  await get(`${p`/v3/rooms/${roomId}/messages`}?dir=b&limit=100&from=${newest}`);
  await get('/v3/sync?timeout=0&full_state=true');
  const withLeft = encodeURIComponent('{"room":{"include_leave":true,"timeline":{"limit":100}}}');
  await get(`/v3/sync?timeout=0&filter=${withLeft}`);
  await get('/v3/notifications?limit=100');
  read.set('sliding sync', JSON.stringify(await slide(reader, roomId)));
  read.set('sliding sync, new form', (await slideV4(reader, roomId)).text);
  for (const term of ['word', 'state', 'ebb']) {
    // Everywhere, and in this room by name, whoever asks.
    for (const filter of [{}, { rooms: [roomId] }]) {
      read.set(`search ${term} ${JSON.stringify(filter)}`, (await search(reader, term, filter)).text);
    }
  }
  return read;
}

function isOfRoom(path: string): boolean {
  return parametersOf(path).some((name) => name === 'roomId' || name === 'roomIdOrAlias');
}

/** What of the answers is not the reader's, by the moments that are. */
function leaks(
  read: Map<string, string>,
  messages: readonly Moment[],
  state: readonly Moment[] = messages,
): string[] {
  const hidden = [
    ...moments.filter((moment) => !messages.includes(moment)).map(word),
    ...moments.filter((moment) => !state.includes(moment)).map(stateWord),
  ];
  return [...read].flatMap(([request, text]) =>
    hidden
      .filter((found) => text.includes(found))
      .map((found) => `${request} tells: ${excerpt(text, found)}`),
  );
}

function excerpt(text: string, found: string): string {
  const at = text.indexOf(found);
  return text.slice(Math.max(0, at - 100), at + 40);
}

describe.each(visibilities)('C3: in a room whose history is %s', (visibility) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await playScene(visibility);
  });

  test('syncs that go on after leaving tell of the leaving alone', async () => {
    const { leaver, roomId, since, pos } = scene;
    const sync = JSON.stringify(await leaver.ok('GET', `/v3/sync?timeout=0&since=${since}`));
    const slid = JSON.stringify(await slide(leaver, roomId, pos));
    expect(sync).toContain('"membership":"leave"');
    for (const text of [sync, slid]) expect(text).not.toMatch(/(word|state)-after/);
  });

  test('whoever has left reads what was theirs, and nothing else', async () => {
    const read = await readEverything(scene.leaver, scene);
    const theirs = readable[visibility];
    // The state that was in force when their reading began is theirs too.
    const start = moments.indexOf(theirs[0] ?? 'after');
    expect(leaks(read, theirs, moments.slice(Math.max(0, start - 1), start + theirs.length))).toEqual([]);
    const messages = [...read].find(([request]) => request.includes('/messages?dir=b'))?.[1];
    for (const moment of theirs) expect(messages).toContain(`"body":"${word(moment)}"`);
    expect((await search(scene.olive, 'word', {})).text).toContain(word('during'));
    expect(read.get('sliding sync, new form')).toContain('"lists":');
  });

  const world = visibility === 'world_readable' ? moments : [];

  test('a stranger reads it only if the world may', async () => {
    expect(leaks(await readEverything(scene.stranger, scene), world)).toEqual([]);
  });

  test('who is invited is shown what the invitation shows, and nothing that was said', async () => {
    const state = world.length > 0 ? world : (['after'] as const);
    expect(leaks(await readEverything(scene.invitee, scene), world, state)).toEqual([]);
  });

  test('who shows no token reads nothing', async () => {
    const { roomId, events } = scene;
    for (const path of [
      p`/v3/rooms/${roomId}/messages?dir=b`,
      p`/v3/rooms/${roomId}/event/${events.during}`,
    ]) {
      expect((await ask(url, 'GET', `/_matrix/client${path}`)).status).toBe(401);
    }
    const summary = await ask(url, 'GET', p`/_matrix/client/v1/room_summary/${roomId}`);
    if (visibility !== 'world_readable') expect(summary.status).toBe(404);
  });
});

test('C3: who joins later reads by the visibility that was then, not by the one of now', async () => {
  const olive = await Person.register(url, 'c3-change-olive');
  const later = await Person.register(url, 'c3-change-later');
  const visible = (history_visibility: string) => ({ history_visibility });
  const roomId = await olive.createRoom({
    preset: 'public_chat',
    initial_state: [{ type: 'm.room.history_visibility', state_key: '', content: visible('joined') }],
  });
  const hidden = await olive.send(roomId, 'm.room.message', { msgtype: 'm.text', body: word('before') }, '1');
  await olive.setState(roomId, 'm.room.history_visibility', visible('shared'));
  const shown = await olive.send(roomId, 'm.room.message', { msgtype: 'm.text', body: word('during') }, '2');
  await later.ok('POST', p`/v3/join/${roomId}`, {});
  const scene = { roomId, events: { before: hidden, during: shown }, newest: '' } as Scene;
  const read = await readEverything(later, scene);
  expect(leaks(read, ['invited', 'during', 'after'])).toEqual([]);
  expect(read.get(`GET ${p`/_matrix/client/v3/rooms/${roomId}/event/${shown}`}`)).toContain(word('during'));
});

test('C3: a room, space or rule of one’s own opens no room of others', async () => {
  const olive = await Person.register(url, 'c3-links-olive');
  const mallory = await Person.register(url, 'c3-links-mallory');
  const secret = await olive.createRoom({ name: stateWord('before') });
  await olive.send(secret, 'm.room.message', { msgtype: 'm.text', body: word('before') }, '1');
  const successor = await mallory.createRoom({
    room_version: '11',
    creation_content: { predecessor: { room_id: secret, event_id: '$x' } },
  });
  const space = await mallory.createRoom({ creation_content: { type: 'm.space' } });
  await mallory.ok('PUT', p`/v3/rooms/${space}/state/m.space.child/${secret}`, { via: [target.serverName] });
  const answers = [
    await search(mallory, 'word', { rooms: [successor, secret] }),
    await mallory.call('GET', `${p`/v1/rooms/${space}/hierarchy`}?limit=50`),
    await mallory.call('GET', p`/v1/room_summary/${secret}`),
    await mallory.call('POST', p`/v3/rooms/${successor}/upgrade`, { new_version: '12' }),
    await mallory.call('POST', p`/v3/join/${secret}`, {}),
  ];
  for (const { text } of answers) expect(text).not.toMatch(/(word|state)-before/);
  expect((await mallory.call('GET', '/v3/sync?timeout=0')).text).not.toMatch(/(word|state)-before/);
});
