import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { expect, test, vi } from 'vitest';
import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import type { Stubs } from '../objects/stubs.ts';
import { localUsersSharingRoom } from './device-lists.ts';

vi.mock('../storage/d1/accounts.ts', () => ({ listPeople: async () => people }));

let people: UserId[] = [];

/** Counts what is asked of objects. @param membership rooms by user */
function world(membership: Record<string, string[]>) {
  people = Object.keys(membership) as UserId[];
  const asked = { users: 0, rooms: 0 };
  const stubs = {
    user: (userId: string) => ({
      async joinedRooms() {
        asked.users += 1;
        return (membership[userId] ?? []) as RoomId[];
      },
    }),
    room: (roomId: string) => ({
      async localMembers() {
        asked.rooms += 1;
        return people.filter((userId) => membership[userId]?.includes(roomId));
      },
    }),
  } as unknown as Stubs;
  return {
    asked,
    sharing: () =>
      localUsersSharingRoom(
        {} as DrizzleD1Database,
        stubs,
        '@me:x' as UserId,
        (membership['@me:x'] ?? []) as RoomId[],
      ),
  };
}

const manyRooms = Array.from({ length: 3000 }, (_, index) => `!portal${index}:x`);

test('a household in thousands of rooms is asked by person', async () => {
  const { asked, sharing } = world({
    '@me:x': manyRooms,
    '@wife:x': ['!portal7:x'],
    '@guest:x': ['!other:x'],
  });
  expect(await sharing()).toEqual(['@wife:x']);
  expect(asked).toEqual({ users: 2, rooms: 0 });
});

test('among many people with few rooms the rooms are asked', async () => {
  const crowd = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`@user${index}:x`, ['!a:x']]));
  const { asked, sharing } = world({ '@me:x': ['!a:x', '!b:x'], '@twice:x': ['!a:x', '!b:x'], ...crowd });
  expect(await sharing()).toHaveLength(201);
  expect(asked).toEqual({ users: 0, rooms: 2 });
});

test('without rooms nobody is asked', async () => {
  const { asked, sharing } = world({ '@me:x': [], '@other:x': ['!a:x'] });
  expect(await sharing()).toEqual([]);
  expect(asked).toEqual({ users: 0, rooms: 0 });
});
