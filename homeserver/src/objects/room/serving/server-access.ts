import { type Denial, denial, forbidden, type MatrixError, notFound } from '../../../../../matrix/errors.ts';
import type { EventId } from '../../../../../matrix/identifiers.ts';
import { isAllowedByAcl } from '../../../protocol/server-acl.ts';
import { eventsById } from '../../../storage/room/events.ts';
import { joinedServer, joinedServers } from '../../../storage/room/joined-servers.ts';
import { usersOfServer } from '../../../storage/room/members.ts';
import { stateEvent } from '../../../storage/room/state.ts';
import { pointBefore, stateEventOf } from '../graph/state-point.ts';
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

/** Of events that a server asks from which has left. */
const maxAsked = 10;

/**
 * The same for what is before these events: also who has left may ask for that, of events before which it was in the room.
 * So a server whose users were removed while it was away can understand the event that tells it.
 */
export function serverRefusalAt(
  room: Room,
  server: string,
  eventIds: readonly EventId[],
): Denial | undefined {
  const refusal = serverRefusal(room, server);
  if (!refusal || isBarred(room, server) || eventIds.length > maxAsked) return refusal;
  const events = eventsById(room.sqlite, eventIds);
  const users = events.length > 0 ? usersOfServer(room.sqlite, server) : [];
  const wasIn = events.every((event) => {
    const before = pointBefore(event);
    if (!before) return false;
    return users.some((user) => {
      const member = stateEventOf(room.sqlite, before, 'm.room.member', user);
      return member?.pdu.content.membership === 'join';
    });
  });
  return wasIn && events.length > 0 ? undefined : refusal;
}

/** Nobody is let in by a state of which the bans may be lacking, nor is such a state told. */
export function notFullyJoined(): MatrixError {
  return notFound('This server does not know all members of the room yet; another one does');
}
