import type { EventId, ServerName } from '../../../../../matrix/identifiers.ts';
import { assumeServers } from '../../../storage/room/joined-servers.ts';
import { putPartialState } from '../../../storage/room/partial-state.ts';
import type { Room } from '../room.ts';

/**
 * The room was joined by an event at `position` without all its members. From here on, until they have been fetched:
 *
 * 1. Members who are not known are taken from the auth events of what they send (`guess-members.ts`).
 * 2. Who must be told of what happens are the servers that were named with the join; none of them is given up.
 * 3. The state before the join is fetched, by the servers in turn, over crashes (`partial-work.ts`), put under what
 *    happened since (`complete-state.ts`), and that is judged again (`judge-again.ts`).
 * 4. The users are told the room anew.
 */
export function beginPartial(
  room: Room,
  joinId: EventId,
  position: number,
  servers: readonly ServerName[],
): void {
  const since = position - 1;
  const others = [...new Set(servers)].filter((server) => server !== room.config.serverName);
  putPartialState(room.sqlite, { joinId, since, servers: others });
  assumeServers(room.sqlite, others, since);
  room.isPartial = true;
}
