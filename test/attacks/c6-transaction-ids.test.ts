import { afterAll, beforeAll, expect, test } from 'vitest';
import { Roost } from '../harness/roost.ts';
import { Person, p } from './lib/attacker.ts';

/** C6, R32: a request that is repeated, because its answer was lost, does once what it does. */
let roost: Roost;
let olive: Person;
let phone: Person;
let roomId: string;

beforeAll(async () => {
  roost = await Roost.start({ serverName: 'roost.test' });
  olive = await Person.register(roost.url, 'olive');
  phone = await olive.logIn();
  roomId = await olive.createRoom();
}, 60_000);

afterAll(() => roost?.stopAndRemove());

const text = (body: string) => ({ msgtype: 'm.text', body });

async function bodiesLike(pattern: RegExp): Promise<string[]> {
  const { chunk } = await olive.ok('GET', `${p`/v3/rooms/${roomId}/messages`}?dir=b&limit=100`);
  const bodies = (chunk as { content: { body?: string } }[]).map(({ content }) => content.body ?? '');
  return bodies.filter((body) => pattern.test(body));
}

test('C6, R32: twenty repetitions at once are one event', async () => {
  const ids = await Promise.all(
    Array.from({ length: 20 }, () => olive.send(roomId, 'm.room.message', text('storm'), 'storm')),
  );
  expect(new Set(ids).size).toBe(1);
  expect(await bodiesLike(/storm/)).toEqual(['storm']);
});

test('C6: another device, room or type has transaction ids of its own', async () => {
  const otherRoom = await olive.createRoom();
  const ids = await Promise.all([
    olive.send(roomId, 'm.room.message', text('own laptop'), 'own'),
    phone.send(roomId, 'm.room.message', text('own phone'), 'own'),
    olive.send(otherRoom, 'm.room.message', text('own other'), 'own'),
    olive.send(roomId, 'm.room.encrypted', text('own type'), 'own'),
  ]);
  expect(new Set(ids).size).toBe(4);
  expect(await olive.send(roomId, 'm.room.message', text('own forged'), 'own')).toBe(ids[0]);
  expect((await bodiesLike(/own/)).sort()).toEqual(['own laptop', 'own phone', 'own type']);
});

test('C6: a redaction and a message to a device are repeated without doing it again', async () => {
  const eventId = await olive.send(roomId, 'm.room.message', text('to be redacted'), 'redacted');
  const redact = () => olive.ok('PUT', p`/v3/rooms/${roomId}/redact/${eventId}/r1`, {});
  expect(await redact()).toEqual(await redact());
  const { next_batch: since } = await phone.ok('GET', '/v3/sync?timeout=0');
  const messages = { [olive.userId]: { [phone.deviceId]: { n: 1 } } };
  for (let count = 0; count < 3; count += 1) {
    await olive.ok('PUT', '/v3/sendToDevice/org.example.once/1', { messages });
  }
  const { to_device } = await phone.ok('GET', `/v3/sync?timeout=0&since=${since}`);
  expect(to_device.events).toHaveLength(1);
});

test('R29: of many events at once a client that syncs along misses none, and gets none twice', async () => {
  const filter = encodeURIComponent('{"room":{"timeline":{"limit":200}}}');
  let { next_batch: since } = await phone.ok('GET', `/v3/sync?timeout=0&filter=${filter}`);
  const sending = Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      (index % 2 ? olive : phone).send(roomId, 'm.room.message', text(`along ${index}`), `along ${index}`),
    ),
  );
  const got: string[] = [];
  while (got.length < 60) {
    const answer = await phone.ok('GET', `/v3/sync?timeout=5000&filter=${filter}&since=${since}`);
    if (answer.next_batch === since) break;
    since = answer.next_batch;
    const events = answer.rooms?.join?.[roomId]?.timeline.events ?? [];
    got.push(...events.map((event: { event_id: string }) => event.event_id));
  }
  expect(got.sort()).toEqual((await sending).sort());
});

test('C6: what was sent when the power failed is one event when it is sent again', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `cut ${index}`);
  const acknowledged = new Map<string, string>();
  const sending = names.map(async (name) => {
    const eventId = await olive.send(roomId, 'm.room.message', text(name), name);
    acknowledged.set(name, eventId);
    // Some have their answer, some are on their way, some have not been read.
    if (acknowledged.size === 10) await roost.kill();
  });
  await Promise.allSettled(sending);
  expect(acknowledged.size).toBeGreaterThanOrEqual(10);
  await roost.start();
  const again = new Map<string, string>();
  for (const name of names) again.set(name, await olive.send(roomId, 'm.room.message', text(name), name));
  for (const [name, eventId] of acknowledged) expect(again.get(name)).toBe(eventId);
  expect((await bodiesLike(/^cut /)).sort()).toEqual([...names].sort());
});
