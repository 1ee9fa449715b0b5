import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { p } from './lib/http.ts';
import { newUser, newUsers } from './lib/register.ts';

test('TestDemotingUsersViaUsersDefault', async () => {
  const user = await newUser();
  const roomId = await user.createRoom({
    room_version: '11',
    power_level_content_override: { users_default: 100, events: {}, users: { [user.userId]: 100 } },
  });
  await user.setPowerLevels(roomId, (levels) => {
    levels.users_default = 40;
  });
  expect(await user.state(roomId, 'm.room.power_levels')).toMatchObject({ users_default: 40 });
});

describe('TestPowerLevels', () => {
  const setting = shared(async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom({ room_version: '11' });
    await bob.join(roomId);
    return { alice, bob, roomId };
  });

  test('GET /rooms/:room_id/state/m.room.power_levels can fetch levels', async () => {
    const { alice, bob, roomId } = await setting();
    const levels = await bob.state<{ users: Record<string, number> }>(roomId, 'm.room.power_levels');
    expect(levels.users[alice.userId]).toBe(100);
  });

  test('PUT /rooms/:room_id/state/m.room.power_levels can set levels', async () => {
    const { alice, bob, roomId } = await setting();
    await alice.setPowerLevels(roomId, (levels) => {
      levels.users[bob.userId] = 50;
    });
    const levels = await bob.state<{ users: Record<string, number> }>(roomId, 'm.room.power_levels');
    expect(levels.users).toMatchObject({ [alice.userId]: 100, [bob.userId]: 50 });
    // Nobody lifts himself, nor anybody beyond himself.
    const lifted = { ...levels, users: { ...levels.users, [bob.userId]: 60 } };
    const path = p`/v3/rooms/${roomId}/state/m.room.power_levels`;
    expect(await bob.refusal('PUT', path, lifted)).toEqual([403, 'M_FORBIDDEN']);
  });

  test('PUT power_levels should not explode if the old power_levels were empty', async () => {
    const user = await newUser();
    const roomId = await user.createRoom({ room_version: '11' });
    await user.setState(roomId, 'm.room.power_levels', {});
    // With no levels at all nobody has any, so the creator may not take them back.
    const path = p`/v3/rooms/${roomId}/state/m.room.power_levels`;
    expect(await user.refusal('PUT', path, { users: { [user.userId]: 100 } })).toEqual([403, 'M_FORBIDDEN']);
    const levels = await user.state(roomId, 'm.room.power_levels');
    expect(levels).toEqual({});
  });
});

testAnswersOf('power_levels');
