import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { listed, listing } from './lib/public-rooms.ts';
import { newName, newUser } from './lib/register.ts';

describe('TestPublicRooms', () => {
  const account = shared(() => newUser());

  test('Can search public room list', async () => {
    const user = await account();
    const word = newName('wombles');
    const roomId = await user.createPublicRoom({
      visibility: 'public',
      name: `Test ${word}`,
      topic: 'Wombles!',
    });
    const other = await user.createPublicRoom({ visibility: 'public', name: 'something else' });
    expect(await listing(user, roomId, word)).toMatchObject({ name: `Test ${word}` });
    expect(await listing(user, roomId, word.toUpperCase())).toBeDefined();
    expect(await listed(user, other, word)).toBeUndefined();
  });

  const texts: [string, { name?: string; topic?: string }][] = [
    ['publicroomalias_no_name', {}],
    ['publicroomalias_with_name', { name: 'name_1' }],
    ['publicroomalias_with_topic', { topic: 'topic_1' }],
    ['publicroomalias_with_name_topic', { name: 'name_1', topic: 'topic_1' }],
    ['publicroom_with_unicode_chars_name', { name: 'un nom français' }],
    ['publicroom_with_unicode_chars_topic', { topic: 'un topic à la française' }],
    [
      'publicroom_with_unicode_chars_name_topic',
      { name: 'un nom français', topic: 'un topic à la française' },
    ],
  ];

  for (const [what, { name, topic }] of texts) {
    test(`Name/topic keys are correct/Creating room with alias ${what}`, async () => {
      const user = await account();
      const aliasName = newName(what.replaceAll('_', '-'));
      const alias = `#${aliasName}:${user.serverName}`;
      const roomId = await user.createPublicRoom({
        visibility: 'public',
        room_alias_name: aliasName,
        ...(name !== undefined && { name }),
        ...(topic !== undefined && { topic }),
      });
      const room = await listing(user, roomId);
      expect(room).toMatchObject({ canonical_alias: alias, num_joined_members: 1 });
      // What is not set is not there, or, with some servers, null.
      expect(room.name ?? undefined).toBe(name);
      expect(room.topic ?? undefined).toBe(topic);
    });
  }

  test('A picture is listed', async () => {
    const user = await account();
    const url = 'mxc://example.org/picture';
    const roomId = await user.createPublicRoom({
      visibility: 'public',
      initial_state: [{ type: 'm.room.avatar', state_key: '', content: { url } }],
    });
    expect(await listing(user, roomId)).toMatchObject({ avatar_url: url });
  });
});

testAnswersOf('public_rooms');
