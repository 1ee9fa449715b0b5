import { eventually } from './eventually.ts';
import type { User } from './user.ts';

/** A room as the directory lists it. */
interface Listed {
  room_id: string;
  name?: string;
  topic?: string;
  canonical_alias?: string;
  avatar_url?: string;
  join_rule?: string;
  num_joined_members: number;
}

/** How a room is listed, once it is. @param term that is searched for */
export function listing(user: User, roomId: string, term?: string): Promise<Listed> {
  return eventually(async () => {
    const room = await listed(user, roomId, term);
    if (!room) throw new Error(`${roomId} is not listed`);
    return room;
  });
}

/** @returns undefined if the room is on no page of the directory */
export async function listed(user: User, roomId: string, term?: string): Promise<Listed | undefined> {
  let since: string | undefined;
  for (let pages = 0; pages < 20; pages++) {
    const answer = await user.ok<{ chunk: Listed[]; next_batch?: string }>('POST', '/v3/publicRooms', {
      limit: 100,
      ...(since !== undefined && { since }),
      ...(term !== undefined && { filter: { generic_search_term: term } }),
    });
    const found = answer.chunk.find((room) => room.room_id === roomId);
    if (found || answer.next_batch === undefined) return found;
    since = answer.next_batch;
  }
  return undefined;
}
