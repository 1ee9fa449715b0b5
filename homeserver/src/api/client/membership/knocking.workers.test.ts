import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { alice, bob, call, createRoom, setUpPeople, stateContent } from '../testing/people.ts';

beforeAll(setUpPeople, 60_000);

const knock = (userId: string, roomId: string, body: JsonObject = {}) =>
  call(userId, 'POST', `/v3/knock/${encodeURIComponent(roomId)}`, body);
const join = (userId: string, roomId: string) =>
  call(userId, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
const forbidden = { status: 403, body: { errcode: 'M_FORBIDDEN' } };

describe.each([
  ['knock', '7'],
  ['knock', '12'],
  ['knock_restricted', '10'],
])('in %s rooms of version %s', (joinRule, version) => {
  async function knockable() {
    const room = await createRoom(alice, { preset: 'private_chat', room_version: version });
    expect(await knock(bob, room.roomId)).toMatchObject(forbidden);
    const rules = { join_rule: joinRule, ...(joinRule === 'knock' ? {} : { allow: [] }) };
    expect((await call(alice, 'PUT', `${room.path}/state/m.room.join_rules`, rules)).status).toBe(200);
    return room;
  }
  const membership = async (roomId: string) =>
    (await stateContent(alice, roomId, 'm.room.member', bob)).body.membership;

  test('a knock is seen by members and by who knocked, and may be repeated', async () => {
    const { roomId, path } = await knockable();
    expect(await join(bob, roomId)).toMatchObject(forbidden);
    expect(await knock(bob, roomId, { reason: 'please' })).toEqual({
      status: 200,
      body: { room_id: roomId },
    });
    expect((await stateContent(alice, roomId, 'm.room.member', bob)).body).toMatchObject({
      membership: 'knock',
      reason: 'please',
    });
    await vi.waitFor(
      async () => {
        const { body } = await call(bob, 'GET', '/v3/sync?timeout=0');
        expect(body).toMatchObject({
          rooms: { knock: { [roomId]: { knock_state: { events: expect.any(Array) } } } },
        });
      },
      { interval: 5, timeout: 15_000 },
    );
    expect((await knock(bob, roomId)).status).toBe(200);
    expect(await join(bob, roomId)).toMatchObject(forbidden);
    expect((await call(bob, 'POST', `${path}/leave`, {})).status).toBe(200);
    expect(await membership(roomId)).toBe('leave');
    expect((await knock(bob, roomId)).status).toBe(200);
  });

  test('a knock is accepted, rejected, or answered by a ban', async () => {
    const { roomId, path } = await knockable();
    await knock(bob, roomId);
    expect((await call(alice, 'POST', `${path}/kick`, { user_id: bob, reason: 'no' })).status).toBe(200);
    expect(await membership(roomId)).toBe('leave');
    await knock(bob, roomId);
    expect((await call(alice, 'POST', `${path}/invite`, { user_id: bob })).status).toBe(200);
    expect(await knock(bob, roomId)).toMatchObject(forbidden);
    expect((await join(bob, roomId)).status).toBe(200);
    expect(await knock(bob, roomId)).toMatchObject(forbidden);
    expect((await call(alice, 'POST', `${path}/ban`, { user_id: bob })).status).toBe(200);
    expect(await knock(bob, roomId)).toMatchObject(forbidden);
  });
});
