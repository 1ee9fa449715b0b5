import { expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { eventsOf, memberEventOf } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUsers } from './lib/register.ts';

async function changeReaches(field: string, value: string): Promise<void> {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createPublicRoom();
  await bob.join(roomId);
  const since = await bob.now();
  await alice.ok('PUT', p`/v3/profile/${alice.userId}/${field}`, { [field]: value });
  const sync = await bob.syncUntil(
    'the change',
    (answer) => memberEventOf(eventsOf(answer, roomId), alice.userId, 'join')?.content[field] === value,
    { since },
  );
  expect(sync.next_batch).toEqual(expect.any(String));
  expect(await bob.state(roomId, 'm.room.member', alice.userId)).toMatchObject({ [field]: value });
}

test('TestAvatarUrlUpdate', async () => {
  await changeReaches('avatar_url', 'mxc://example.com/LemurLover');
});

test('TestDisplayNameUpdate', async () => {
  await changeReaches('displayname', 'Lemur Lover');
});

testAnswersOf('room_profile');
