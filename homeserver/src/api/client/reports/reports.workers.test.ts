import { beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { maxReports } from '../../../services/report.ts';
import { alice, bob, call, carol, createRoom, roomPath, setUpPeople } from '../testing/people.ts';

beforeAll(setUpPeople, 60_000);

const reportsOf = async (query = '') => {
  const { status, body } = await call('owner', 'GET', `/_roost/admin/v1/reports${query}`);
  expect(status).toBe(200);
  return body as { reports: JsonObject[]; next?: number };
};

test('the owner reads what was reported, newest first', async () => {
  const { roomId, path } = await createRoom(alice, { preset: 'public_chat' });
  await call(bob, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
  const sent = await call(alice, 'PUT', `${path}/send/m.room.message/1`, { body: 'rude' });
  const eventId = String(sent.body.event_id);
  const eventPath = `${path}/report/${encodeURIComponent(eventId)}`;
  expect(await call(bob, 'POST', eventPath, { reason: 'rude', score: -100 })).toEqual({
    status: 200,
    body: {},
  });
  expect((await call(bob, 'POST', eventPath, {})).status).toBe(200);
  expect((await call(carol, 'POST', `${path}/report`, { reason: '' })).status).toBe(200);
  const userPath = `/v3/users/${encodeURIComponent(alice)}/report`;
  expect((await call(carol, 'POST', userPath, { reason: 'spam' })).status).toBe(200);
  const { reports, next } = await reportsOf('?limit=3');
  expect(reports).toEqual([
    expect.objectContaining({ reporter: carol, user_id: alice, room_id: null, reason: 'spam' }),
    expect.objectContaining({ reporter: carol, room_id: roomId, event_id: null, reason: '' }),
    expect.objectContaining({
      reporter: bob,
      room_id: roomId,
      event_id: eventId,
      user_id: alice,
      reason: '',
    }),
  ]);
  expect((await reportsOf(`?before=${next}`)).reports).toMatchObject([{ event_id: eventId, reason: 'rude' }]);
  expect((await call(alice, 'GET', '/_roost/admin/v1/reports')).status).toBe(403);
});

test('events are reported by members who see them; rooms give nothing away', async () => {
  const { path } = await createRoom(alice, { preset: 'private_chat' });
  const sent = await call(alice, 'PUT', `${path}/send/m.room.message/1`, { body: 'hi' });
  const absent = { status: 404, body: { errcode: 'M_NOT_FOUND' } };
  const reason = { reason: 'x' };
  const eventPath = `${path}/report/${encodeURIComponent(String(sent.body.event_id))}`;
  expect(await call(bob, 'POST', eventPath, reason)).toMatchObject(absent);
  expect(await call(alice, 'POST', `${path}/report/${encodeURIComponent('$none')}`, reason)).toMatchObject(
    absent,
  );
  expect(await call(alice, 'POST', `${roomPath('!no:roost.test')}/report/%24none`, reason)).toMatchObject(
    absent,
  );
  expect((await call(bob, 'POST', `${path}/report`, reason)).status).toBe(200);
  expect((await call(bob, 'POST', `${roomPath('!no:roost.test')}/report`, reason)).status).toBe(200);
  const user = (userId: string) => `/v3/users/${encodeURIComponent(userId)}/report`;
  expect(await call(bob, 'POST', user('@nobody:roost.test'), reason)).toMatchObject(absent);
  expect((await call(bob, 'POST', user('@who:elsewhere.test'), reason)).status).toBe(200);
  for (const wrong of [user('nonsense'), `${roomPath('nonsense')}/report`, `${path}/report/nonsense`]) {
    expect(await call(alice, 'POST', wrong, reason)).toMatchObject({
      status: 400,
      body: { errcode: 'M_INVALID_PARAM' },
    });
  }
  for (const body of [{}, { reason: 'x'.repeat(2001) }, { reason: 5 }]) {
    expect(await call(alice, 'POST', `${path}/report`, body)).toMatchObject({
      status: 400,
      body: { errcode: 'M_BAD_JSON' },
    });
  }
});

test('nobody reports without end', async () => {
  const path = `${roomPath('!loud:roost.test')}/report`;
  const statuses: number[] = [];
  for (let count = 0; count <= maxReports; count += 1) {
    statuses.push((await call(alice, 'POST', path, { reason: `${count}` })).status);
  }
  expect(statuses.at(-1)).toBe(429);
  expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(maxReports);
  expect((await call(bob, 'POST', path, { reason: 'another' })).status).toBe(200);
});
