import { expect, test } from 'vitest';
import type { UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { FakeRoom } from './testing/fake-room.ts';
import { TestClient } from './testing/test-client.ts';

const bob = '@bob:roost.test';
const lists = {
  all: { ranges: [[0, 9]], timeline_limit: 1, required_state: [] },
  invites: { ranges: [[0, 9]], timeline_limit: 1, required_state: [], filters: { is_invite: true } },
};

function invitedRoom(name: string, alice: TestClient): FakeRoom {
  const room = new FakeRoom(name, alice.userId);
  room.add(bob, 'm.room.create', {}, '');
  room.member(bob, 'join');
  return room;
}

test.each<[string, string, JsonObject]>([
  ['people', 'm.ignored_user_list', { ignored_users: { [bob]: {} } }],
  ['permission', 'm.invite_permission_config', { ignored_users: ['@bob:*'] }],
  ['msc4155', 'org.matrix.msc4155.invite_permission_config', { ignored_servers: ['roost.*'] }],
])('an invitation that is ignored is hidden until it no longer is: %s', async (name, type, content) => {
  const alice = await TestClient.login(`hidden-${name}`);
  await alice.user.putAccountData(type, content);
  const { next_batch: since } = await alice.sync();
  const { pos } = await alice.sliding({ lists });
  const room = invitedRoom(`hidden-${name}`, alice);
  await alice.user.applyRoomDelta(room.invitation(bob));
  expect(await alice.sync({ since })).not.toHaveProperty('rooms');
  expect(await alice.sync()).not.toHaveProperty('rooms');
  for (const answer of [
    await alice.sliding({ lists }, { pos }),
    await alice.sliding({ lists, conn_id: 'new' }),
  ]) {
    expect(answer.rooms).toEqual({});
    expect(answer.lists).toEqual({ all: { count: 0 }, invites: { count: 0 } });
  }
  const hidden = await alice.sliding({ lists });

  await alice.user.putAccountData(type, {});
  expect((await alice.sync({ since })).rooms.invite).toHaveProperty([room.roomId]);
  const shown = await alice.sliding({ lists }, { pos: hidden.pos });
  expect(shown.rooms[room.roomId]).toMatchObject({ initial: true, invite_state: expect.anything() });
  expect(shown.lists).toEqual({ all: { count: 1 }, invites: { count: 1 } });

  await alice.user.putAccountData(type, content);
  expect(await alice.sync()).not.toHaveProperty('rooms');
  const again = await alice.sliding({ lists }, { pos: shown.pos });
  expect([again.rooms, again.lists.invites]).toEqual([{}, { count: 0 }]);
  // A hidden invitation can be accepted all the same.
  room.member(alice.userId, 'join');
  await alice.user.applyRoomDelta(room.snapshot());
  expect((await alice.sync()).rooms.join).toHaveProperty([room.roomId]);
});

test('who may invite', async () => {
  const alice = await TestClient.login('hidden-verdict');
  const permission = () => alice.user.invitePermission(bob as UserId);
  expect(await permission()).toBe('allow');
  await alice.user.putAccountData('org.matrix.msc4155.invite_permission_config', { blocked_users: [bob] });
  expect(await permission()).toBe('block');
  await alice.user.putAccountData('m.invite_permission_config', { ignored_users: [bob] });
  expect(await permission()).toBe('ignore');
});
