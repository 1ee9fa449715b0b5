import { beforeAll, expect, test } from 'vitest';
import {
  call,
  makeTables,
  registerUser,
  type Signed,
} from '../../../../../test/harness/homeserver-worker.ts';

interface PresenceEvent {
  type: string;
  sender: string;
  content: Record<string, unknown>;
}

interface Sync {
  next_batch: string;
  presence?: { events: PresenceEvent[] };
}

let paula: Signed;
let otto: Signed;
let zoe: Signed;
const status = (userId: string) => `/v3/presence/${encodeURIComponent(userId)}/status`;

beforeAll(async () => {
  await makeTables();
  [paula, otto, zoe] = [await registerUser('paula'), await registerUser('otto'), await registerUser('zoe')];
  await roomOf(paula, otto);
});

async function roomOf(creator: Signed, ...others: Signed[]): Promise<string> {
  const options = { token: creator.accessToken, body: { preset: 'public_chat' } };
  const roomId = String((await call('POST', '/v3/createRoom', options)).body.room_id);
  for (const { accessToken } of others)
    await call('POST', `/v3/join/${roomId}`, { token: accessToken, body: {} });
  return roomId;
}

async function say(user: Signed, presence: string, message?: string): Promise<void> {
  const body = { presence, ...(message !== undefined && { status_msg: message }) };
  expect(await call('PUT', status(user.userId), { token: user.accessToken, body })).toMatchObject({
    status: 200,
    body: {},
  });
}

async function sync(user: Signed, query: Record<string, string> = {}): Promise<Sync> {
  const path = `/v3/sync?${new URLSearchParams({ set_presence: 'offline', ...query })}`;
  return (await call('GET', path, { token: user.accessToken })).body as unknown as Sync;
}

/** Syncs on until the user is told of this presence. */
async function told(user: Signed, since: string, of: Signed, state: string): Promise<PresenceEvent> {
  for (let next = since; ; ) {
    const answer = await sync(user, { since: next, timeout: '10000' });
    next = answer.next_batch;
    const event = answer.presence?.events.find(
      ({ sender, content }) => sender === of.userId && content.presence === state,
    );
    if (event) return event;
  }
}

async function seenBy(viewer: Signed, of: Signed) {
  return call('GET', status(of.userId), { token: viewer.accessToken });
}

test('who shares a room is told, and may ask; a stranger is not', async () => {
  const { next_batch: since } = await sync(otto);
  const { next_batch: strange } = await sync(zoe);
  await say(paula, 'online', 'I am here.');
  const event = await told(otto, since, paula, 'online');
  expect(event).toEqual({
    type: 'm.presence',
    sender: paula.userId,
    content: {
      presence: 'online',
      status_msg: 'I am here.',
      currently_active: true,
      last_active_ago: expect.any(Number),
    },
  });
  const content = { ...event.content, last_active_ago: expect.any(Number) };
  expect((await seenBy(otto, paula)).body).toEqual(content);
  expect((await seenBy(paula, paula)).body).toMatchObject({ presence: 'online' });
  expect(await seenBy(zoe, paula)).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
  expect(await sync(zoe, { since: strange })).not.toHaveProperty('presence');
  expect((await sync(otto)).presence?.events.map(({ sender }) => sender)).toEqual([paula.userId]);
  const filter = JSON.stringify({ presence: { not_senders: [paula.userId] } });
  expect(await sync(otto, { filter })).not.toHaveProperty('presence');
});

test('a sync says what its parameter says, and without it that one is online', async () => {
  const { next_batch: since } = await sync(otto);
  await sync(paula, { set_presence: 'unavailable' });
  expect((await told(otto, since, paula, 'unavailable')).content.presence).toBe('unavailable');
  await call('GET', '/v3/sync', { token: paula.accessToken });
  await told(otto, since, paula, 'online');
  await sync(paula);
  expect((await seenBy(otto, paula)).body).toMatchObject({ presence: 'online' });
});

test('a device that is away does not hide another that is there', async () => {
  const login = { type: 'm.login.password', identifier: { type: 'm.id.user', user: 'paula' } };
  const body = { ...login, password: 'correct horse battery' };
  const phone = String((await call('POST', '/v3/login', { body })).body.access_token);
  await call('GET', '/v3/sync', { token: phone });
  await sync(paula, { set_presence: 'unavailable' });
  expect((await seenBy(otto, paula)).body).toMatchObject({ presence: 'online' });
});

test('the own devices hear of it while they wait', async () => {
  const { next_batch: since } = await sync(zoe);
  const waiting = sync(zoe, { since, timeout: '60000' });
  await call('GET', '/v3/sync?set_presence=unavailable', { token: zoe.accessToken });
  expect((await waiting).presence?.events).toMatchObject([
    { sender: zoe.userId, content: { presence: 'unavailable' } },
  ]);
});

test('who comes into a room sees those who are there, and is seen', async () => {
  await say(otto, 'online');
  await say(zoe, 'online');
  const [forOtto, forZoe] = [await sync(otto), await sync(zoe)];
  const roomId = await roomOf(otto, zoe);
  await told(zoe, forZoe.next_batch, otto, 'online');
  await told(otto, forOtto.next_batch, zoe, 'online');
  // Out of the room, out of sight: only what is told after it has been found out shows it.
  await call('POST', `/v3/rooms/${roomId}/leave`, { token: zoe.accessToken, body: {} });
  expect(await seenBy(zoe, otto)).toMatchObject({ status: 403 });
  await expect
    .poll(async () => (await sync(otto)).presence?.events.map(({ sender }) => sender))
    .not.toContain(zoe.userId);
});

test('whom one knows already is told anew in a new room', async () => {
  const before = await sync(otto);
  await say(paula, 'online', 'again');
  await told(otto, before.next_batch, paula, 'online');
  const { next_batch: since } = await sync(otto);
  expect(await sync(otto, { since })).not.toHaveProperty('presence');
  await roomOf(paula, otto);
  expect((await told(otto, since, paula, 'online')).content.status_msg).toBe('again');
});

test.each([
  ['PUT', '@other:roost.test', { presence: 'online' }, 403, 'M_FORBIDDEN'],
  ['PUT', '@paula:roost.test', { presence: 'dancing' }, 400, 'M_BAD_JSON'],
  ['PUT', '@paula:roost.test', {}, 400, 'M_BAD_JSON'],
  ['GET', '@nobody:roost.test', undefined, 404, 'M_NOT_FOUND'],
  ['GET', 'nobody', undefined, 400, 'M_INVALID_PARAM'],
] as const)('%s for %s with %j is refused', async (method, userId, body, code, errcode) => {
  const refused = await call(method, status(userId), { token: paula.accessToken, body });
  expect(refused).toMatchObject({ status: code, body: { errcode } });
});

test('nobody is told without a token', async () => {
  expect((await call('GET', status(paula.userId))).body.errcode).toBe('M_MISSING_TOKEN');
});
