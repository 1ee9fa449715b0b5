import { expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { eventsOf, isInvited, isJoined } from './lib/events.ts';
import { newUsers } from './lib/register.ts';

test('TestWriteMDirectAccountData', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createRoom({ invite: [bob.userId], is_direct: true });
  const since = await alice.now();
  const content = { [bob.userId]: [roomId] };
  await alice.setAccountData('m.direct', content);
  const sync = await alice.syncUntil(
    'the account data',
    ({ account_data: data }) => (data?.events ?? []).some(({ type }) => type === 'm.direct'),
    { since },
  );
  expect(sync.account_data?.events).toContainEqual({ type: 'm.direct', content });
});

test('TestIsDirectFlagLocal', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createRoom({ invite: [bob.userId], is_direct: true });
  const invited = await bob.syncUntil('the invitation', isInvited(roomId));
  const own = invited.rooms?.invite?.[roomId]?.invite_state.events.find(
    (event) => event.type === 'm.room.member' && event.state_key === bob.userId,
  );
  expect(own?.content).toMatchObject({ membership: 'invite', is_direct: true });
  await bob.join(roomId);
  const joined = await bob.syncUntil('the room', isJoined(roomId), { since: invited.next_batch });
  const join = eventsOf(joined, roomId).findLast((event) => event.state_key === bob.userId);
  expect(join?.unsigned?.prev_content).toMatchObject({ membership: 'invite', is_direct: true });
});

testAnswersOf('direct_messaging');
