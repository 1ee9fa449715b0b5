import { beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { alice, bob, call, createRoom, setUpPeople } from '../testing/people.ts';

beforeAll(setUpPeople, 60_000);

const senders = (events: unknown) => (events as JsonObject[]).map((event) => event.sender);

test('what ignored people say is not shown when a room is read, what they set is', async () => {
  const { roomId, path } = await createRoom(alice, {
    preset: 'public_chat',
    power_level_content_override: { events: { 'm.room.topic': 0 } },
  });
  await call(bob, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
  const say = async (userId: string, more: JsonObject = {}) => {
    const content = { msgtype: 'm.text', body: 'hello', ...more };
    const sent = await call(userId, 'PUT', `${path}/send/m.room.message/${crypto.randomUUID()}`, content);
    return String(sent.body.event_id);
  };
  const root = await say(alice);
  await say(bob, { 'm.relates_to': { rel_type: 'm.thread', event_id: root } });
  await call(bob, 'PUT', `${path}/state/m.room.topic`, { topic: 'by bob' });
  await say(alice, { 'm.relates_to': { rel_type: 'm.thread', event_id: root } });
  const read = async () => {
    const messages = await call(alice, 'GET', `${path}/messages?dir=b&limit=4`);
    const context = await call(alice, 'GET', `${path}/context/${encodeURIComponent(root)}?limit=8`);
    const relations = `/v1${path.slice(3)}/relations/${encodeURIComponent(root)}`;
    return [
      senders(messages.body.chunk),
      senders(context.body.events_after),
      senders((await call(alice, 'GET', relations)).body.chunk),
    ];
  };
  const account = `/v3/user/${encodeURIComponent(alice)}/account_data/m.ignored_user_list`;
  expect(await read()).toEqual([
    [alice, bob, bob, alice],
    [bob, bob, alice],
    [alice, bob],
  ]);
  await call(alice, 'PUT', account, { ignored_users: { [bob]: {} } });
  expect(await read()).toEqual([[alice, bob, alice], [bob, alice], [alice]]);
});
