import { beforeAll, expect, test } from 'vitest';
import { alice, bob, call, createRoom, roomPath, setUpPeople } from '../testing/people.ts';

beforeAll(setUpPeople, 60_000);

test('jumping to a date', async () => {
  const { roomId } = await createRoom(alice, { preset: 'public_chat' });
  const path = `/v1/rooms/${encodeURIComponent(roomId)}/timestamp_to_event`;
  const sent = await call(alice, 'PUT', `${roomPath(roomId)}/send/m.room.message/1`, { body: 'hi' });
  const found = await call(alice, 'GET', `${path}?ts=9000000000000&dir=b`);
  expect(found).toEqual({
    status: 200,
    body: { event_id: sent.body.event_id, origin_server_ts: expect.any(Number) },
  });
  expect(await call(alice, 'GET', `${path}?ts=9000000000000&dir=f`)).toMatchObject({
    status: 404,
    body: { errcode: 'M_NOT_FOUND' },
  });
  expect(await call(bob, 'GET', `${path}?ts=0&dir=f`)).toMatchObject({
    status: 403,
    body: { errcode: 'M_FORBIDDEN' },
  });
  for (const query of ['', '?ts=1', '?dir=f', '?ts=x&dir=f', '?ts=1&dir=up', '?ts=-1&dir=f']) {
    expect(await call(alice, 'GET', `${path}${query}`)).toMatchObject({
      status: 400,
      body: { errcode: 'M_INVALID_PARAM' },
    });
  }
});
