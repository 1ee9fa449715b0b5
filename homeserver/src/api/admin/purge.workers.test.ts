import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { alice, call, createRoom, setUpPeople } from '../client/testing/people.ts';

beforeAll(setUpPeople);
afterEach(() => {
  vi.restoreAllMocks();
});

const purge = (userId: string, roomId: string, what: string, body = {}) =>
  call(userId, 'POST', `/_roost/admin/v1/rooms/${encodeURIComponent(roomId)}/${what}`, body);

test('the owner purges a room with its alias and its entry in the directory; nobody else does', async () => {
  const { roomId, path } = await createRoom(alice, { room_alias_name: 'gone', visibility: 'public' });
  expect(await purge(alice, roomId, 'purge', { force: true })).toMatchObject({ status: 403 });
  expect(await purge('owner', roomId, 'purge')).toMatchObject({
    status: 403,
    body: { errcode: 'M_FORBIDDEN' },
  });
  expect(await call(alice, 'GET', `${path}/state`)).toMatchObject({ status: 200 });
  expect(await purge('owner', roomId, 'purge', { force: true })).toEqual({ status: 200, body: {} });
  expect(await call(alice, 'GET', `${path}/state`)).toMatchObject({ status: 403 });
  const alias = await call(alice, 'GET', `/v3/directory/room/${encodeURIComponent('#gone:roost.test')}`);
  expect(alias).toMatchObject({ status: 404 });
  const listed = await call(alice, 'GET', '/v3/publicRooms');
  expect(JSON.stringify(listed.body.chunk)).not.toContain(roomId);
  // Once more, as after a crash.
  expect(await purge('owner', roomId, 'purge')).toEqual({ status: 200, body: {} });
});

test('the owner purges what is older than a time, and a day', async () => {
  const { roomId, path } = await createRoom(alice);
  const send = (txn: string) => call(alice, 'PUT', `${path}/send/m.room.message/${txn}`, { body: txn });
  await send('old');
  const nowMs = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() => nowMs + 2 * 86_400_000);
  await send('young');
  expect(await purge('owner', roomId, 'purge_history', { before_ts: Date.now() })).toEqual({
    status: 200,
    body: { purged: 1 },
  });
  const page = await call(alice, 'GET', `${path}/messages?dir=b&limit=50`);
  expect(JSON.stringify(page.body.chunk)).not.toContain('old');
  expect(JSON.stringify(page.body.chunk)).toContain('young');
});

test.each([{}, { before_ts: -1 }, { before_ts: 'now' }])('%j names no time', async (body) => {
  const { roomId } = await createRoom(alice);
  expect(await purge('owner', roomId, 'purge_history', body)).toMatchObject({ status: 400 });
});

test('a room that is not there has no history', async () => {
  expect(await purge('owner', '!nowhere:roost.test', 'purge_history', { before_ts: 1 })).toMatchObject({
    status: 404,
  });
  expect(await purge('owner', 'no room', 'purge')).toMatchObject({ status: 400 });
});
