import { expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { p } from './lib/http.ts';
import { newUsers } from './lib/register.ts';

test('TestNotPresentUserCannotBanOthers', async () => {
  const [alice, bob, charlie] = await newUsers('alice', 'bob', 'charlie');
  const roomId = await alice.createPublicRoom();
  await bob.join(roomId);
  await alice.setPowerLevels(roomId, (levels) => {
    levels.users[charlie.userId] = 100;
  });
  const path = p`/v3/rooms/${roomId}/ban`;
  expect(await charlie.refusal('POST', path, { user_id: bob.userId })).toEqual([403, 'M_FORBIDDEN']);
});

test('TestCannotKickNonPresentUser', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createPublicRoom();
  const path = p`/v3/rooms/${roomId}/kick`;
  expect(await alice.refusal('POST', path, { user_id: bob.userId })).toEqual([403, 'M_FORBIDDEN']);
});

test('TestCannotKickLeftUser', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createPublicRoom();
  await bob.join(roomId);
  await bob.leave(roomId);
  const path = p`/v3/rooms/${roomId}/kick`;
  expect(await alice.refusal('POST', path, { user_id: bob.userId })).toEqual([403, 'M_FORBIDDEN']);
});

testAnswersOf('room_ban and room_kick');
