import { beforeAll, expect, test } from 'vitest';
import { admin, as, enc, makeRoom, owner, say, useAdministration, user } from './testing/administration.ts';

useAdministration();

let roomId: string;
let said: string;

const ids = (entries: unknown) => (entries as { id: number }[]).map(({ id }) => id);

beforeAll(async () => {
  roomId = await makeRoom(owner, { preset: 'public_chat' });
  await as(user, 'POST', `/v3/rooms/${enc(roomId)}/join`, {});
  said = await say(owner, roomId, { msgtype: 'm.text', body: 'reported' });
  for (const reason of ['one', 'two', 'three']) {
    await as(user, 'POST', `/v3/rooms/${enc(roomId)}/report/${enc(said)}`, { reason });
  }
  await as(user, 'POST', `/v3/rooms/${enc(roomId)}/report`, { reason: 'the room' });
  await as(user, 'POST', `/v3/users/${enc(owner.userId)}/report`, { reason: 'the person' });
});

test('reports of events have pages, filters and details', async () => {
  const all = await admin('GET', '/v1/event_reports');
  expect(all.body).toMatchObject({ total: 3 });
  expect((all.body.event_reports as { reason: string }[]).map(({ reason }) => reason)).toEqual([
    'three',
    'two',
    'one',
  ]);
  const [three, two, one] = ids(all.body.event_reports);
  const first = await admin('GET', '/v1/event_reports?dir=f&limit=2&order_by=received_ts');
  expect(ids(first.body.event_reports)).toEqual([one, two]);
  expect(first.body.next_token).toBe(2);
  expect(ids((await admin('GET', '/v1/event_reports?dir=f&from=2')).body.event_reports)).toEqual([three]);
  for (const [filter, total] of [
    [`user_id=${enc(user.userId)}`, 3],
    [`user_id=${enc(owner.userId)}`, 0],
    [`room_id=${enc(roomId)}`, 3],
    [`event_sender_user_id=${enc(owner.userId)}`, 3],
    [`event_sender_user_id=${enc(user.userId)}`, 0],
  ] as const) {
    expect((await admin('GET', `/v1/event_reports?${filter}`)).body.total, filter).toBe(total);
  }
  expect((await admin('GET', `/v1/event_reports/${one}`)).body).toEqual({
    id: one,
    received_ts: expect.any(Number),
    room_id: roomId,
    event_id: said,
    user_id: user.userId,
    reason: 'one',
    score: null,
    sender: owner.userId,
    canonical_alias: null,
    name: null,
    event_json: expect.objectContaining({ event_id: said, content: { msgtype: 'm.text', body: 'reported' } }),
  });
  expect((await admin('DELETE', `/v1/event_reports/${one}`)).body).toEqual({});
  expect((await admin('GET', `/v1/event_reports/${one}`)).body.errcode).toBe('M_NOT_FOUND');
  expect((await admin('DELETE', `/v1/event_reports/${one}`)).body.errcode).toBe('M_NOT_FOUND');
  expect((await admin('GET', '/v1/event_reports/x')).body.errcode).toBe('M_INVALID_PARAM');
});

test('reports of people are apart from them', async () => {
  const { body } = await admin('GET', `/v1/user_reports?target_user_id=${enc(owner.userId)}`);
  expect(body).toEqual({
    total: 1,
    user_reports: [
      {
        id: expect.any(Number),
        received_ts: expect.any(Number),
        user_id: user.userId,
        target_user_id: owner.userId,
        reason: 'the person',
      },
    ],
  });
  const [id] = ids(body.user_reports);
  expect((await admin('GET', `/v1/user_reports/${id}`)).body.reason).toBe('the person');
  expect((await admin('GET', `/v1/event_reports/${id}`)).status).toBe(404);
  expect((await admin('DELETE', `/v1/event_reports/${id}`)).status).toBe(404);
  expect((await admin('DELETE', `/v1/user_reports/${id}`)).body).toEqual({});
  expect((await admin('GET', '/v1/user_reports')).body).toEqual({ total: 0, user_reports: [] });
  expect((await admin('GET', `/v1/user_reports/${id}`)).status).toBe(404);
});
