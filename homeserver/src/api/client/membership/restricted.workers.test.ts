import { beforeAll, describe, expect, test } from 'vitest';
import {
  alice,
  bob,
  call,
  carol,
  createRoom,
  roomPath,
  setUpPeople,
  stateContent,
} from '../testing/people.ts';

beforeAll(setUpPeople, 60_000);

const join = (userId: string, roomId: string) =>
  call(userId, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
const leave = (userId: string, roomId: string) => call(userId, 'POST', `${roomPath(roomId)}/leave`, {});
const allowing = (roomId: string) => [{ type: 'm.room_membership', room_id: roomId, via: ['roost.test'] }];

describe.each([
  ['restricted', '8'],
  ['restricted', '11'],
  ['restricted', '12'],
  ['knock_restricted', '10'],
  ['knock_restricted', '12'],
])('%s rooms of version %s', (joinRule, version) => {
  async function rooms() {
    const { roomId: allowed } = await createRoom(alice, { preset: 'public_chat' });
    const { roomId, path } = await createRoom(alice, {
      preset: 'public_chat',
      room_version: version,
      initial_state: [
        { type: 'm.room.join_rules', content: { join_rule: joinRule, allow: allowing(allowed) } },
      ],
    });
    return { allowed, roomId, path };
  }

  test('let in who is in the room that they name, for as long as it is so', async () => {
    const { allowed, roomId, path } = await rooms();
    expect((await join(bob, roomId)).status).toBe(403);
    await join(bob, allowed);
    expect((await join(bob, roomId)).status).toBe(200);
    const own = `${path}/state/m.room.member/${encodeURIComponent(bob)}`;
    const renamed = { membership: 'join', displayname: 'Bobby', join_authorised_via_users_server: 'unused' };
    expect((await call(bob, 'PUT', own, renamed)).status).toBe(200);
    await leave(bob, roomId);
    await leave(bob, allowed);
    expect((await join(bob, roomId)).status).toBe(403);
    await call(alice, 'POST', `${path}/invite`, { user_id: bob });
    expect((await join(bob, roomId)).status).toBe(200);
    await leave(bob, roomId);
    await join(bob, allowed);
    for (const allow of [['invalid'], 'invalid', [{ type: 'm.other', room_id: allowed }]]) {
      const mangled = { join_rule: joinRule, allow };
      expect((await call(alice, 'PUT', `${path}/state/m.room.join_rules`, mangled)).status).toBe(200);
      expect((await join(bob, roomId)).status).toBe(403);
    }
  });

  test('without their creator, whoever may invite lets in', async () => {
    const { allowed, roomId, path } = await rooms();
    await join(bob, allowed);
    await join(bob, roomId);
    const isVersion12 = version === '12';
    const levels = { users: { ...(isVersion12 ? {} : { [alice]: 100 }), [bob]: 50 }, invite: 50 };
    expect((await call(alice, 'PUT', `${path}/state/m.room.power_levels`, levels)).status).toBe(200);
    await leave(alice, roomId);
    await join(carol, allowed);
    expect((await join(carol, roomId)).status).toBe(200);
    const { body } = await stateContent(bob, roomId, 'm.room.member', carol);
    expect(body).toMatchObject({ membership: 'join', join_authorised_via_users_server: bob });
    await leave(carol, roomId);
    await leave(bob, roomId);
    expect((await join(carol, roomId)).status).toBe(403);
  });
});
