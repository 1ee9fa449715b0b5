import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { p } from './lib/http.ts';
import { newUser } from './lib/register.ts';
import type { User } from './lib/user.ts';

describe('TestRoomSummaryAllowedRoomIDs', () => {
  const account = shared(() => newUser());

  async function summaryOf(user: User, roomId: string): Promise<Record<string, unknown>> {
    const stable = await user.call('GET', p`/v1/room_summary/${roomId}`);
    if (stable.status === 200) return stable.body;
    return user.ok('GET', p`/unstable/im.nheko.summary/rooms/${roomId}/summary`);
  }

  test('restricted room includes allowed room ids', async () => {
    const user = await account();
    const space = await user.createPublicRoom({ creation_content: { type: 'm.space' } });
    const allow = [{ type: 'm.room_membership', room_id: space }];
    const roomId = await user.createRoom({
      room_version: '10',
      initial_state: [
        { type: 'm.room.join_rules', state_key: '', content: { join_rule: 'restricted', allow } },
      ],
    });
    expect(await summaryOf(user, roomId)).toMatchObject({
      room_id: roomId,
      join_rule: 'restricted',
      allowed_room_ids: [space],
      membership: 'join',
    });
  });

  test('non-restricted room omits allowed room ids', async () => {
    const user = await account();
    const roomId = await user.createPublicRoom({ name: 'open' });
    const summary = await summaryOf(user, roomId);
    expect(summary).toMatchObject({
      room_id: roomId,
      name: 'open',
      num_joined_members: 1,
      join_rule: 'public',
      guest_can_join: false,
      world_readable: false,
    });
    expect(summary.allowed_room_ids ?? []).toEqual([]);
  });
});

testAnswersOf('room_summary');
