import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../matrix/json.ts';
import { limits } from '../../matrix/limits.ts';
import { newTxnId } from '../harness/matrix-client.ts';
import { waitFor } from '../harness/wait-for.ts';
import { p } from './lib/attacker.ts';
import { HostileWorld, type Signed, versionOf } from './lib/hostile-world.ts';

/** Events that are signed as they should be, and impossible: F5, and what F9 and F12 say of many and large ones. */
let world: HostileWorld;
let roomId: string;
let transactions = 0;

beforeAll(async () => {
  world = await HostileWorld.start();
  world.mallory.on('PUT', '/_matrix/federation/v1/send/*', { json: { pdus: {} } });
  roomId = await world.newRoom();
  await world.join(roomId);
}, 120_000);

afterAll(() => world?.stop());

/** Signs what canonical JSON does not allow, too. */
const lax = { ...versionOf('11'), strictCanonicalJson: false };
const signLax = (event: JsonObject) => world.sign(event, lax);
const nested = (depth: number): JsonObject =>
  Array.from({ length: depth }).reduce<JsonObject>((inner) => ({ a: inner }), {});
const strangeIds = (count: number) =>
  Array.from({ length: count }, (_, index) => `$${String(index).padStart(43, 'x')}`);

/** The text of an event that is signed with all that is in it but what only text can have. */
type Spoil = (event: JsonObject) => { pdu: JsonObject; text?: (written: string) => string };
const fields =
  (changed: (event: JsonObject) => JsonObject): Spoil =>
  (event) =>
    signLax({ ...event, ...changed(event) });
const text =
  (from: string, to: string): Spoil =>
  (event) => ({ ...signLax(event), text: (written) => written.replace(from, () => to) });

const wrongs: Record<string, Spoil> = {
  'depth 2^63': fields(() => ({ depth: 2 ** 63 })),
  'depth -1': fields(() => ({ depth: -1 })),
  'depth 1.5': fields(() => ({ depth: 1.5 })),
  'a float': fields(() => ({ content: { body: 'impossible', x: 0.5 } })),
  'more than 65,536 bytes': fields(() => ({ content: { body: `impossible${'x'.repeat(65_537)}` } })),
  '11 auth events': fields((event) => ({
    auth_events: [...(event.auth_events as string[]), ...strangeIds(8)],
  })),
  '21 prev events': fields((event) => ({
    prev_events: [...(event.prev_events as string[]), ...strangeIds(20)],
  })),
  'no prev events': fields(() => ({ prev_events: [] })),
  'a type of 256 bytes': fields(() => ({ type: 'x'.repeat(256) })),
  'NUL in the sender': fields((event) => ({ sender: `${event.sender}`.replace('@', '@\u0000') })),
  'deep nesting': fields(() => ({ content: { body: 'impossible', x: nested(500) } })),
  'a repeated key': text('"depth":', '"depth":1,"depth":'),
  'a repeated key inside': text('"body":', '"body":"impossible","body":'),
  'a float that is an integer': (event) => ({
    ...signLax(event),
    text: (written) => written.replace(/"depth":(\d+)/, '"depth":$1.0'),
  }),
  'a lone surrogate': text('impossible', 'impossible\\ud800'),
};

test('F5: each impossible event is refused by itself, the rest is stored, and this server goes on sending', async () => {
  const sound: Signed[] = [];
  const texts: string[] = [];
  for (const [name, spoil] of Object.entries(wrongs)) {
    const { pdu, text: write = (written) => written } = spoil(
      await world.message(roomId, 'impossible', { unsigned: {} }),
    );
    texts.push(write(JSON.stringify(pdu)));
    const good = world.sign(await world.message(roomId, `beside ${name}`));
    sound.push(good);
    texts.push(JSON.stringify(good.pdu));
  }
  const nul = world.sign(await world.message(roomId, 'with a \u0000 in it'));
  sound.push(nul);
  texts.push(JSON.stringify(nul.pdu));
  const answer = await sendText(
    `{"origin":"${world.mallory.name}","origin_server_ts":1,"pdus":[${texts}],"edus":[]}`,
  );
  expect(answer.status).toBe(200);
  const results = answer.body.pdus as Record<string, JsonObject>;
  expect(sound.map(({ eventId }) => results[eventId])).toEqual(sound.map(() => ({})));
  const refusals = Object.entries(results).filter(([id]) => !sound.some(({ eventId }) => eventId === id));
  for (const [, result] of refusals) expect(result).toHaveProperty('error');
  const seen = await world.contents(roomId);
  for (const { eventId } of sound) expect(seen).toHaveProperty([eventId]);
  expect(Object.values(seen).filter(({ body }) => `${body}`.startsWith('impossible'))).toEqual([]);
  await isHeard('after the impossible');
});

test('F5: what is no JSON, or nested beyond what anybody reads, is refused as a whole, and nothing breaks', async () => {
  const { pdu } = world.sign(await world.message(roomId, 'impossible'));
  const written = JSON.stringify(pdu);
  const wrap = (one: string) => `{"origin":"x","origin_server_ts":1,"pdus":[${one}],"edus":[]}`;
  for (const body of [
    wrap(written.replace(/"depth":\d+/, '"depth":NaN')),
    wrap(written.replace('impossible', '\u0000')),
    wrap(written).slice(0, -1),
    wrap('['.repeat(100_000) + ']'.repeat(100_000)),
  ]) {
    const { status } = await sendText(body);
    expect([400, 401], body.slice(0, 200)).toContain(status);
  }
  const parts = Array.from({ length: 51 }, () => written).join();
  expect((await sendText(wrap(parts))).status).toBe(400);
  await isHeard('after all that');
});

/** A message of Alice reaches Mallory's server. */
async function isHeard(body: string): Promise<void> {
  await world.alice.send(roomId, 'm.room.message', { msgtype: 'm.text', body }, newTxnId());
  await waitFor('the message on its way', () =>
    world.mallory.received.some((one) => JSON.stringify(one.body).includes(body)),
  );
}

/** A transaction as it is written, signed as far as that is possible. */
async function sendText(body: string) {
  transactions += 1;
  const path = `/_matrix/federation/v1/send/text${transactions}`;
  const content = readable(body);
  const authorization = world.mallory.authorization({
    method: 'PUT',
    path,
    destination: world.roost.serverName,
    body: content,
  });
  const response = await fetch(world.roost.url + path, { method: 'PUT', headers: { authorization }, body });
  return { status: response.status, body: (await response.json()) as JsonObject };
}

/** What a lax server makes of it, and signs: canonical JSON has no half of a character. */
function readable(body: string): JsonObject {
  try {
    const read = JSON.parse(body, (_, value) => (typeof value === 'string' ? value.toWellFormed() : value));
    JSON.stringify(read);
    return body.length < 200_000 && /\[{100}/.test(body) ? {} : read;
  } catch {
    return {};
  }
}

test('F9: an invitation with a megabyte of state is shown without it', async () => {
  const dark = `!dark:${world.mallory.name}`;
  const beginning = { room_id: dark, sender: world.user, prev_events: [], auth_events: [], depth: 1 };
  const create = world.sign({
    ...beginning,
    type: 'm.room.create',
    state_key: '',
    content: { room_version: '11' },
  });
  const invite = world.sign({
    ...beginning,
    type: 'm.room.member',
    state_key: world.bob.userId,
    content: { membership: 'invite' },
    prev_events: [create.eventId],
    auth_events: [create.eventId],
    depth: 2,
  });
  const name = {
    type: 'm.room.name',
    state_key: '',
    sender: world.user,
    content: { name: 'x'.repeat(50_000) },
  };
  const path = p`v2/invite/${dark}/${invite.eventId}`;
  const put = (state: JsonObject[]) =>
    world.ask('PUT', path, { room_version: '11', event: invite.pdu, invite_room_state: state });
  expect((await put(Array.from({ length: 21 }, () => name))).status).toBe(200);
  const sync = await world.bob.ok('GET', '/v3/sync');
  const told = JSON.stringify(sync.rooms.invite[dark]);
  expect(told.length).toBeLessThan(10_000);
  expect(told).toContain(world.bob.userId);
  const tooMuch = Array.from({ length: 12 * 20 }, () => name);
  expect((await put(tooMuch)).status).toBe(413);
  expect(limits.maxServerRequestBytes).toBeLessThan(JSON.stringify(tooMuch).length);
});

test('F12: pages of messages go on over events that the rules refuse', async () => {
  const room = await world.newRoom();
  await world.join(room);
  const first = await world.alice.send(room, 'm.room.message', { body: 'first' }, newTxnId());
  const topic = { type: 'm.room.topic', state_key: '', content: { topic: 'not yours' } };
  const refused: Signed[] = [];
  for (let index = 0; index < 50; index += 1) refused.push(world.sign(await world.message(room, '', topic)));
  const results = await world.transact(refused.map(({ pdu }) => pdu));
  expect(Object.keys(results)).toHaveLength(50);
  const last = await world.alice.send(room, 'm.room.message', { body: 'last' }, newTxnId());
  const found: string[] = [];
  let from = '';
  for (let page = 0; page < 20; page += 1) {
    const query = from === '' ? '' : p`&from=${from}`;
    const { chunk, end } = await world.alice.ok(
      'GET',
      `${p`/v3/rooms/${room}/messages?dir=b&limit=3`}${query}`,
    );
    found.push(...chunk.map(({ event_id }: { event_id: string }) => event_id));
    if (end === undefined) break;
    from = end;
  }
  expect(found).toEqual(expect.arrayContaining([first, last]));
  expect(refused.filter(({ eventId }) => found.includes(eventId))).toEqual([]);
  expect(new Set(found).size).toBe(found.length);
});
