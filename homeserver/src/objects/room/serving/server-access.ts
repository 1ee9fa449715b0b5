import { type Denial, denial, forbidden } from '../../../../../matrix/errors.ts';
import { isAllowedByAcl } from '../../../protocol/server-acl.ts';
import { joinedServer, joinedServers } from '../../../storage/room/joined-servers.ts';
import { stateEvent } from '../../../storage/room/state.ts';
import type { Room } from '../room.ts';

/** Client-server API, "Server Access Control Lists". */
export function isBarred(room: Room, server: string): boolean {
  const acl = stateEvent(room.sqlite, 'm.room.server_acl', '');
  return acl !== undefined && !isAllowedByAcl(server, acl.pdu.content);
}

/** Other servers with members in the room. */
export function serversInRoom({ sqlite }: Room): string[] {
  return joinedServers(sqlite)
    .filter(({ until }) => until === undefined)
    .map(({ server }) => server);
}

/** Nothing if the server may ask for what is in the room: it has to be in it now. */
export function serverRefusal(room: Room, server: string): Denial | undefined {
  if (isBarred(room, server)) return denial(forbidden('Server is banned from room'));
  const joined = joinedServer(room.sqlite, server);
  if (!joined || joined.until !== undefined) return denial(forbidden('Host not in room.'));
  return undefined;
}
