import type { UserId } from '../../../../../matrix/identifiers.ts';
import {
  lastOutbound,
  newestPosition,
  outboundEvents,
  type StoredEvent,
} from '../../../storage/room/events.ts';
import { type JoinedServer, joinedServer } from '../../../storage/room/joined-servers.ts';
import { memberOf, usersOfServer } from '../../../storage/room/members.ts';
import type { Receipt } from '../../../storage/room/receipts.ts';
import type { Edu, LatestEvents, ServerDelta } from '../../destination-rpc.ts';
import { extremityEvents } from '../graph/extremities.ts';
import type { Room } from '../room.ts';
import { isLocal } from './followers.ts';

/** As many as go into one transaction. */
export const maxDeltaPdus = 50;

/** What another server lacks that has been told everything up to `from`. */
export function serverDelta(room: Room, { since, until }: JoinedServer, from: number): ServerDelta {
  const newest = newestPosition(room.sqlite);
  // One that is ahead belongs to a room that was restored from a backup.
  const start = Math.max(Math.min(from, newest), since);
  const events = outboundEvents(room.sqlite, start, until ?? newest, maxDeltaPdus);
  const last = lastOutbound(room.sqlite, start);
  return {
    roomId: room.roomId,
    fromPosition: last > since ? last : 0,
    position: events.at(-1)?.position ?? start,
    pdus: events.map(({ position, pdu }) => ({ position, pdu: { ...pdu } })),
    edus: [],
  };
}

/** For a server that was away for long. */
export function latestEvents(room: Room, server: string): LatestEvents {
  const position = newestPosition(room.sqlite);
  const joined = joinedServer(room.sqlite, server);
  let events: StoredEvent[] = [];
  if (joined?.until !== undefined) events = outboundEvents(room.sqlite, joined.until - 1, joined.until, 1);
  else if (joined) events = extremityEvents(room);
  else events = departures(room, server);
  return { position, pdus: events.map(({ pdu }) => ({ ...pdu })) };
}

/** How users of a server that is forgotten here were removed by ours: the way to it took that over, but kept nothing. */
function departures(room: Room, server: string): StoredEvent[] {
  return usersOfServer(room.sqlite, server)
    .map((userId) => memberOf(room.sqlite, userId))
    .filter((member) => member?.membership === 'leave' || member?.membership === 'ban')
    .flatMap((member) => (member ? outboundEvents(room.sqlite, member.since - 1, member.since, 1) : []))
    .slice(0, maxDeltaPdus);
}

/** Server-server API, "Typing Notifications". */
export function typingEdu(room: Room, userId: UserId, typing: boolean): Edu {
  return {
    type: 'm.typing',
    content: { room_id: room.roomId, user_id: userId, typing },
    key: `typing ${room.roomId} ${userId}`,
    isFleeting: true,
  };
}

/** Server-server API, "Receipts". */
export function receiptEdu(room: Room, { userId, type, eventId, threadId, ts }: Receipt): Edu {
  const data = { ts, ...(threadId === '' ? {} : { thread_id: threadId }) };
  return {
    type: 'm.receipt',
    content: { [room.roomId]: { [type]: { [userId]: { event_ids: [eventId], data } } } },
    key: `receipt ${room.roomId} ${userId} ${threadId}`,
  };
}

/** What other servers may know: the private receipts of nobody, and what they did not tell us themselves. */
export function isForServers(room: Room, { userId, type }: Receipt): boolean {
  return type === 'm.read' && isLocal(room.config, userId);
}
