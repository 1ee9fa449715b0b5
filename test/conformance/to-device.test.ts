import { expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { p } from './lib/http.ts';
import { logIn, newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

const type = 'org.example.to_device';

function send(sender: User, txnId: string, messages: Record<string, object>): Promise<object> {
  return sender.ok('PUT', p`/v3/sendToDevice/${type}/${txnId}`, { messages });
}

async function received(user: User, value: string): Promise<string> {
  const sync = await user.syncUntil(`the message ${value}`, (answer) =>
    (answer.to_device?.events ?? []).some((event) => event.content.value === value),
  );
  return sync.next_batch;
}

test('TestToDeviceMessages', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const phone = await logIn(bob);
  await send(alice, 'one', { [bob.userId]: { [bob.deviceId]: { value: 'for one' } } });
  await send(alice, 'one', { [bob.userId]: { [bob.deviceId]: { value: 'for one' } } });
  await send(alice, 'all', { [bob.userId]: { '*': { value: 'for all' } } });
  const initial = await bob.syncUntil(
    'both messages',
    (answer) => (answer.to_device?.events ?? []).length >= 2,
  );
  expect(initial.to_device?.events).toEqual([
    { type, sender: alice.userId, content: { value: 'for one' } },
    { type, sender: alice.userId, content: { value: 'for all' } },
  ]);
  // Once acknowledged they are gone.
  const next = await bob.sync({ since: initial.next_batch });
  expect(next.to_device?.events ?? []).toEqual([]);
  expect((await bob.sync()).to_device?.events ?? []).toEqual([]);
  await received(phone, 'for all');
});

testAnswersOf('to_device');
