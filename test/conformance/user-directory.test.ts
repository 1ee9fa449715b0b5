import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { eventually } from './lib/eventually.ts';
import { p } from './lib/http.ts';
import { newName, newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

interface Found {
  user_id: string;
  display_name?: string | null;
}

async function search(user: User, term: string): Promise<Found[]> {
  const { results } = await user.ok<{ results: Found[] }>('POST', '/v3/user_directory/search', {
    search_term: term,
  });
  return results;
}

/** Alice, whom all can find by a public room, and bob, who alone knows how she calls herself in a private one. */
async function trio(nameInRoom: (alice: User, roomId: string, name: string) => Promise<void>) {
  const [alice, bob, eve] = await newUsers('alice', 'bob', 'eve');
  const publicName = newName('publicname');
  const privateName = newName('freddie');
  await alice.ok('PUT', p`/v3/profile/${alice.userId}/displayname`, { displayname: publicName });
  await alice.createPublicRoom({ visibility: 'public' });
  const roomId = await alice.createRoom({ preset: 'private_chat', invite: [bob.userId] });
  await bob.join(roomId);
  await nameInRoom(alice, roomId, privateName);
  return { alice, bob, eve, publicName, privateName };
}

function directoryTests(nameInRoom: (alice: User, roomId: string, name: string) => Promise<void>): void {
  const setting = shared(() => trio(nameInRoom));

  for (const who of ['Eve', 'Bob'] as const) {
    const asker = async () => {
      const all = await setting();
      return { ...all, user: who === 'Eve' ? all.eve : all.bob };
    };

    test(`${who} can find Alice by profile display name`, async () => {
      const { alice, user, publicName } = await asker();
      await eventually(async () => {
        expect(await search(user, publicName)).toContainEqual(
          expect.objectContaining({ user_id: alice.userId, display_name: publicName }),
        );
      });
    });

    test(`${who} can find Alice by mxid`, async () => {
      const { alice, user, publicName } = await asker();
      await eventually(async () => {
        expect(await search(user, alice.userId)).toContainEqual(
          expect.objectContaining({ user_id: alice.userId, display_name: publicName }),
        );
      });
    });
  }

  test('Eve cannot find Alice by room-specific name that Eve is not privy to', async () => {
    const { alice, eve, privateName } = await setting();
    const found = await search(eve, privateName);
    expect(found.map((user) => user.user_id)).not.toContain(alice.userId);
  });
}

describe('TestRoomSpecificUsernameChange', () => {
  directoryTests(async (alice, roomId, name) => {
    await alice.setState(roomId, 'm.room.member', { membership: 'join', displayname: name }, alice.userId);
  });
});

describe('TestRoomSpecificUsernameAtJoin', () => {
  directoryTests(async (alice, _roomId, name) => {
    const host = (await newUsers('host'))[0];
    const roomId = await host.createRoom({ preset: 'private_chat', invite: [alice.userId] });
    await alice.setState(roomId, 'm.room.member', { membership: 'join', displayname: name }, alice.userId);
  });
});

testAnswersOf('user_directory_display_names');
