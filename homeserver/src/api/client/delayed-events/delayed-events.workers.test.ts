import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { roomStub } from '../../../objects/room/testing/test-room.ts';
import { maxDelayMs, maxScheduledEvents } from '../../../objects/room-rpc.ts';
import { alice, bob, call, carol, createRoom, setUpPeople } from '../testing/people.ts';

let nowMs = 0;

beforeAll(setUpPeople);
beforeEach(() => {
  nowMs = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() => nowMs);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const managed = '/unstable/org.matrix.msc4140/delayed_events';
const nobody = '@nobody:roost.test';
let sent = 0;

async function room() {
  const { path, roomId } = await createRoom(alice, { preset: 'public_chat' });
  await call(bob, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
  await call(alice, 'PUT', `${path}/state/m.room.power_levels/`, {
    users: { [alice]: 100 },
    state_default: 0,
    events: { secret: 100 },
  });
  return { path, roomId };
}

async function later(roomId: string, ms: number): Promise<void> {
  nowMs += ms;
  await runDurableObjectAlarm(roomStub(roomId));
}

const delay = (ms: unknown) => `?org.matrix.msc4140.delay=${ms}`;

async function sayLater(
  userId: string,
  path: string,
  body: string,
  ms = 10_000,
  txnId?: string,
): Promise<string> {
  sent += 1;
  const at = `${path}/send/m.room.message/${txnId ?? `d${sent}`}${delay(ms)}`;
  const answer = await call(userId, 'PUT', at, { msgtype: 'm.text', body });
  expect(answer).toEqual({ status: 200, body: { delay_id: expect.any(String) } });
  return String(answer.body.delay_id);
}

async function setLater(userId: string, path: string, type: string, content: JsonObject, ms = 10_000) {
  const answer = await call(userId, 'PUT', `${path}/state/${type}/key${delay(ms)}`, content);
  expect(answer).toEqual({ status: 200, body: { delay_id: expect.any(String) } });
  return String(answer.body.delay_id);
}

async function bodies(path: string): Promise<unknown[]> {
  const page = await call(alice, 'GET', `${path}/messages?dir=f&limit=100`);
  const chunk = page.body.chunk as JsonObject[];
  return chunk
    .filter(({ type }) => type === 'm.room.message')
    .map(({ content }) => (content as JsonObject).body);
}

const value = (path: string, type: string) => call(alice, 'GET', `${path}/state/${type}/key`);
const list = async (userId: string) =>
  (await call(userId, 'GET', managed)).body.delayed_events as JsonObject[];
/** Without a token. */
const manage = (id: string, action: string) => call(nobody, 'POST', `${managed}/${id}/${action}`, {});

test('a message is sent when its time has come, once, by its sender', async () => {
  const { path, roomId } = await room();
  expect(await list(bob)).toEqual([]);
  const id = await sayLater(bob, path, 'later');
  expect(await list(bob)).toEqual([
    {
      delay_id: id,
      room_id: roomId,
      type: 'm.room.message',
      content: { msgtype: 'm.text', body: 'later' },
      delay: 10_000,
      running_since: nowMs,
    },
  ]);
  await later(roomId, 9_000);
  expect(await bodies(path)).toEqual([]);
  await later(roomId, 1_001);
  await later(roomId, 60_000);
  expect(await bodies(path)).toEqual(['later']);
  expect(await list(bob)).toEqual([]);
  expect(await manage(id, 'send')).toMatchObject({ status: 404, body: { errcode: 'M_NOT_FOUND' } });
});

test('what is scheduled outlives the object, and a repeated request schedules nothing more', async () => {
  const { path, roomId } = await room();
  const first = await sayLater(bob, path, 'once', 10_000, 'same');
  expect(await sayLater(bob, path, 'once', 10_000, 'same')).toBe(first);
  expect(await list(bob)).toHaveLength(1);
  await evictDurableObject(roomStub(roomId));
  await later(roomId, 10_001);
  expect(await sayLater(bob, path, 'once', 10_000, 'same')).toBe(first);
  await later(roomId, 20_000);
  expect(await bodies(path)).toEqual(['once']);
});

test('state is set when its time has come', async () => {
  const { path, roomId } = await room();
  await setLater(alice, path, 'com.example', { set: 'later' });
  expect(await value(path, 'com.example')).toMatchObject({ status: 404 });
  await later(roomId, 10_001);
  expect(await value(path, 'com.example')).toEqual({ status: 200, body: { set: 'later' } });
});

test('by its id alone it is cancelled, restarted or sent', async () => {
  const { path, roomId } = await room();
  const cancelled = await sayLater(bob, path, 'cancelled');
  const restarted = await sayLater(bob, path, 'restarted');
  const now = await sayLater(bob, path, 'now');
  expect(await manage(cancelled, 'cancel')).toEqual({ status: 200, body: {} });
  expect(await manage(now, 'send')).toEqual({ status: 200, body: {} });
  expect(await bodies(path)).toEqual(['now']);
  nowMs += 8_000;
  expect(await manage(restarted, 'restart')).toEqual({ status: 200, body: {} });
  expect(await list(bob)).toMatchObject([{ delay_id: restarted, running_since: nowMs }]);
  await later(roomId, 8_000);
  expect(await bodies(path)).toEqual(['now']);
  await later(roomId, 2_001);
  expect(await bodies(path)).toEqual(['now', 'restarted']);
});

test('the older path takes the action from the body', async () => {
  const { path } = await room();
  const id = await sayLater(bob, path, 'now');
  const update = (body: JsonObject) => call(nobody, 'POST', `${managed}/${id}`, body);
  expect(await update({})).toMatchObject({ status: 400, body: { errcode: 'M_MISSING_PARAM' } });
  expect(await update({ action: 'hurry' })).toMatchObject({
    status: 400,
    body: { errcode: 'M_INVALID_PARAM' },
  });
  expect(await update({ action: 'restart' })).toEqual({ status: 200, body: {} });
  expect(await update({ action: 'send' })).toEqual({ status: 200, body: {} });
  expect(await bodies(path)).toEqual(['now']);
});

test('somebody else who sets the same state cancels it; its sender does not', async () => {
  const { path, roomId } = await room();
  await setLater(bob, path, 'com.example', { set: 'by bob, later' });
  await call(bob, 'PUT', `${path}/state/com.example/key`, { set: 'by bob' });
  await call(alice, 'PUT', `${path}/state/com.example/other`, { set: 'another key' });
  expect(await list(bob)).toHaveLength(1);
  await call(alice, 'PUT', `${path}/state/com.example/key`, { set: 'by alice' });
  expect(await list(bob)).toEqual([]);
  await later(roomId, 20_000);
  expect(await value(path, 'com.example')).toMatchObject({ body: { set: 'by alice' } });
});

test('whether it is allowed is asked when it is sent', async () => {
  const { path, roomId } = await room();
  await setLater(bob, path, 'secret', { may: 'not' });
  const id = await setLater(bob, path, 'secret', { may: 'not either' });
  expect(await manage(id, 'send')).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
  await sayLater(bob, path, 'gone by then');
  await call(bob, 'POST', `${path}/leave`, {});
  await later(roomId, 10_001);
  expect(await value(path, 'secret')).toMatchObject({ status: 404 });
  expect(await bodies(path)).toEqual([]);
  await call(bob, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
  expect(await list(bob)).toEqual([]);
});

test('others may neither see it nor schedule where they are not', async () => {
  const { path } = await room();
  const id = await sayLater(bob, path, 'private');
  expect(await call(bob, 'GET', `${managed}/${id}`)).toMatchObject({ status: 200, body: { delay_id: id } });
  expect(await call(alice, 'GET', `${managed}/${id}`)).toMatchObject({ status: 404 });
  expect(await list(alice)).toEqual([]);
  for (const at of [managed, `${managed}/${id}`]) {
    expect(await call(nobody, 'GET', at)).toMatchObject({ status: 401 });
  }
  const outside = await call(carol, 'PUT', `${path}/send/m.room.message/x${delay(1_000)}`, { body: 'x' });
  expect(outside).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
});

test.each(['cancel', 'restart', 'send'])('%s of what is not there is not found', async (action) => {
  const { path } = await room();
  const id = await sayLater(bob, path, 'there');
  const [, ofRoom] = id.split('.');
  for (const wrong of ['nothing', `guessed.${ofRoom}`, `guessed.${btoa('!nowhere:roost.test')}`]) {
    expect(await manage(wrong, action), wrong).toMatchObject({
      status: 404,
      body: { errcode: 'M_NOT_FOUND' },
    });
  }
  expect(await list(bob)).toContainEqual(expect.objectContaining({ delay_id: id }));
});

test.each(['0', '-5', '1.5', 'soon', ''])('a delay of "%s" is none', async (ms) => {
  const { path } = await room();
  for (const at of ['send/m.room.message/x', 'state/com.example/key']) {
    const refused = await call(bob, 'PUT', `${path}/${at}${delay(ms)}`, { body: 'x' });
    expect(refused).toMatchObject({ status: 400, body: { errcode: 'M_INVALID_PARAM' } });
  }
});

test('a delay has a limit, and so has what one user may schedule in a room', async () => {
  const { path } = await room();
  expect(await call(bob, 'PUT', `${path}/send/m.room.message/x${delay(maxDelayMs + 1)}`, {})).toMatchObject({
    status: 400,
    body: {
      errcode: 'M_UNKNOWN',
      'org.matrix.msc4140.errcode': 'M_MAX_DELAY_EXCEEDED',
      'org.matrix.msc4140.max_delay': maxDelayMs,
    },
  });
  const body = 'x'.repeat(70_000);
  expect(await call(bob, 'PUT', `${path}/send/m.room.message/x${delay(5)}`, { body })).toMatchObject({
    status: 413,
  });
  for (let n = 0; n < maxScheduledEvents; n += 1) await sayLater(bob, path, String(n));
  expect(await call(bob, 'PUT', `${path}/send/m.room.message/more${delay(5)}`, {})).toMatchObject({
    status: 400,
    body: { errcode: 'M_UNKNOWN', 'org.matrix.msc4140.errcode': 'M_MAX_DELAYED_EVENTS_EXCEEDED' },
  });
  await sayLater(alice, path, 'of another');
});

test('clients are told', async () => {
  const capabilities = await call(alice, 'GET', '/v3/capabilities');
  expect(capabilities.body.capabilities).toMatchObject({
    'org.matrix.msc4140.delayed_events': { max_delay_ms: maxDelayMs, max_scheduled: maxScheduledEvents },
  });
  const versions = await call(alice, 'GET', '/versions');
  expect(versions.body.unstable_features).toMatchObject({ 'org.matrix.msc4140': true });
});
