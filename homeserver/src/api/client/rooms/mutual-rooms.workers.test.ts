import { beforeAll, expect, test } from 'vitest';
import { alice, bob, call, carol, createRoom, knowsOf, setUpPeople } from '../testing/people.ts';

beforeAll(setUpPeople, 60_000);

const mutual = (userId: string, other: string, more = '') =>
  call(userId, 'GET', `/v1/mutual_rooms?user_id=${encodeURIComponent(other)}${more}`);

test('rooms in which both are, and no others', async () => {
  const shared: string[] = [];
  for (let index = 0; index < 3; index += 1) {
    const { roomId } = await createRoom(alice, { preset: 'public_chat' });
    if (index === 0) continue;
    await call(bob, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
    await knowsOf(alice, roomId);
    await knowsOf(bob, roomId);
    shared.push(roomId);
  }
  shared.sort();
  expect((await mutual(alice, bob)).body).toEqual({ joined: shared, count: 2 });
  expect((await mutual(bob, alice)).body).toEqual({ joined: shared, count: 2 });
  const unstable = `/unstable/uk.half-shot.msc2666/user/mutual_rooms?user_id=${encodeURIComponent(bob)}`;
  expect((await call(alice, 'GET', unstable)).body).toMatchObject({ count: 2 });
  const from = Buffer.from(String(shared[0])).toString('base64url');
  expect((await mutual(alice, bob, `&from=${from}`)).body).toEqual({ joined: [shared[1]], count: 2 });
  expect((await mutual(alice, carol)).body).toEqual({ joined: [], count: 0 });
});

test('strangers share nothing; wrong requests are refused', async () => {
  await createRoom(alice);
  expect((await mutual(alice, '@nobody:roost.test')).body).toEqual({ joined: [], count: 0 });
  expect((await mutual(alice, '@who:elsewhere.test')).body).toEqual({ joined: [], count: 0 });
  const invalid = { status: 400, body: { errcode: 'M_INVALID_PARAM' } };
  expect(await mutual(alice, alice)).toMatchObject(invalid);
  expect(await mutual(alice, 'bob')).toMatchObject(invalid);
  expect(await mutual(alice, bob, '&from=nonsense')).toMatchObject(invalid);
  expect(await call(alice, 'GET', '/v1/mutual_rooms')).toMatchObject(invalid);
});
