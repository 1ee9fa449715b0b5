import type { Membership } from '../../../../../matrix/events.ts';
import { isMembership } from '../../../../../matrix/events.ts';
import { serverNameOf, type UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { redactPdu } from '../../../protocol/redaction.ts';
import { mayServerSeeChange, type ServerVisibilityFacts } from '../../../protocol/visibility.ts';
import type { StoredEvent } from '../../../storage/room/events.ts';
import { usersOfServer } from '../../../storage/room/members.ts';
import { pointBefore, pointBehind, type StatePoint, stateEventOf } from '../graph/state-point.ts';
import type { Room } from '../room.ts';

/**
 * Events as a server of the room gets them: server-server API, "Backfilling". Of those that none of its users may see it
 * gets the redacted form, which keeps the graph whole.
 */
export function visiblePdus(room: Room, server: string, events: readonly StoredEvent[]): JsonObject[] {
  let users: UserId[] | undefined;
  const usersOnce = () => {
    users ??= usersOfServer(room.sqlite, server);
    return users;
  };
  return events.map((event) => {
    const pdu = maySee(room, event, server, usersOnce) ? event.pdu : redactPdu(event.pdu, room.version);
    return { ...pdu };
  });
}

function maySee(room: Room, event: StoredEvent, server: string, users: () => UserId[]): boolean {
  if (serverNameOf(event.sender) === server) return true;
  const before = pointBefore(event);
  const behind = pointBehind(event);
  // Known as part of a state alone, which the server may ask for.
  if (!before || !behind) return event.stateKey !== undefined;
  return mayServerSeeChange(factsAt(room, before, users), factsAt(room, behind, users));
}

function factsAt(room: Room, point: StatePoint, users: () => UserId[]): ServerVisibilityFacts {
  const content = stateEventOf(room.sqlite, point, 'm.room.history_visibility', '')?.pdu.content;
  const visibility = content?.history_visibility;
  const isNarrow = visibility === 'invited' || visibility === 'joined';
  return { visibility, memberships: isNarrow ? users().map((user) => membershipAt(room, point, user)) : [] };
}

function membershipAt(room: Room, point: StatePoint, userId: UserId): Membership | undefined {
  const membership = stateEventOf(room.sqlite, point, 'm.room.member', userId)?.pdu.content.membership;
  return isMembership(membership) ? membership : undefined;
}
