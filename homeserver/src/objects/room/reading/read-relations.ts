import { type Denial, denial, notFound } from '../../../../../matrix/errors.ts';
import { eventById, newestPosition } from '../../../storage/room/events.ts';
import { maxRelationDepth, relationsOf } from '../../../storage/room/relations.ts';
import type { MessagesPage, RelationsQuery } from '../../room-rpc.ts';
import type { Room } from '../room.ts';
import { mayRead, readerRights } from './reader-rights.ts';
import { serveEvents } from './serve-event.ts';

/** Client-server API, "Child events". The page keeps the asked direction; `end` is absent at the last one. */
export function readRelations(room: Room, query: RelationsQuery, nowMs: number): MessagesPage | Denial {
  const rights = readerRights(room, query.userId);
  if (rights.kind === 'denied') return rights;
  const parent = eventById(room.sqlite, query.eventId);
  if (!parent || !mayRead(room, rights, parent)) return denial(notFound('No such event'));
  const newest = newestPosition(room.sqlite);
  const start = Math.min(query.from ?? (query.dir === 'b' ? newest : 0), newest);
  const found = relationsOf(room.sqlite, {
    targetId: query.eventId,
    relType: query.relType,
    eventType: query.eventType,
    maxDepth: query.recurse ? maxRelationDepth : 1,
    after: query.dir === 'b' ? (query.to ?? 0) : start,
    upTo: query.dir === 'b' ? start : (query.to ?? newest),
    dir: query.dir,
    limit: query.limit + 1,
  });
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  const more = found.length > page.length && last !== undefined;
  const viewer = query.deviceId === undefined ? {} : { deviceId: query.deviceId };
  return {
    kind: 'page',
    start,
    ...(more ? { end: query.dir === 'b' ? last.position - 1 : last.position } : {}),
    chunk: serveEvents(
      room,
      page.filter((event) => mayRead(room, rights, event)),
      {
        userId: query.userId,
        ...viewer,
        membershipAt: rights.membershipAt,
        ranges: () => rights.ranges,
        nowMs,
      },
    ),
    state: [],
  };
}
