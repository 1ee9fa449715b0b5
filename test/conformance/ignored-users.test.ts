import { expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { hasEvent, isInvited, timelineOf } from './lib/events.ts';
import { newUsers } from './lib/register.ts';

test('TestInviteFromIgnoredUsersDoesNotAppearInSync', async () => {
  const [alice, bob, chris] = await newUsers('alice', 'bob', 'chris');
  await alice.setAccountData('m.ignored_user_list', { ignored_users: { [bob.userId]: {} } });
  const since = await alice.now();
  const unwanted = await bob.createRoom();
  await bob.invite(unwanted, alice);
  const welcome = await chris.createRoom();
  await chris.invite(welcome, alice);
  const syncs = await alice.syncAllUntil('the invitation of another', isInvited(welcome), { since });
  expect(syncs.some(isInvited(unwanted))).toBe(false);
  expect(isInvited(unwanted)(await alice.sync())).toBe(false);
});

test('Messages of ignored users do not appear in sync', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createPublicRoom();
  await bob.join(roomId);
  await alice.setAccountData('m.ignored_user_list', { ignored_users: { [bob.userId]: {} } });
  const since = await alice.now();
  const unwanted = await bob.message(roomId, 'hear me');
  const sentinel = await alice.message(roomId, 'anybody there?');
  const syncs = await alice.syncAllUntil('the own message', hasEvent(roomId, sentinel), { since });
  const ids = syncs.flatMap((sync) => timelineOf(sync, roomId)).map((event) => event.event_id);
  expect(ids).not.toContain(unwanted);
});

testAnswersOf('ignored_users');
