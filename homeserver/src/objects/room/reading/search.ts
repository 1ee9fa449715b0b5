import type { Denial } from '../../../../../matrix/errors.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { matchesEventFilter } from '../../../protocol/filter.ts';
import { eventById, type StoredEvent } from '../../../storage/room/events.ts';
import { searchMatches } from '../../../storage/room/search-index.ts';
import { stateEvent } from '../../../storage/room/state.ts';
import type { FoundEvent, SearchHits, SearchQuery, SurroundingsQuery } from '../../room-rpc.ts';
import { stateEventBehind } from '../graph/state-behind.ts';
import type { Room } from '../room.ts';
import { scanEvents, viewingOf } from './read-timeline.ts';
import { mayRead, maySeeAtPlace, type ReaderRights, readerRights } from './reader-rights.ts';
import { serveEvents } from './serve-event.ts';

/** Matches that one search looks at in one room. */
const maxMatches = 1_000;

/** Where the words are, in what the reader may see: the best or the newest matches first. */
export function searchRoom(room: Room, query: SearchQuery): SearchHits | Denial {
  const rights = readerRights(room, query.userId);
  if (rights.kind === 'denied') return rights;
  const { words, keys, orderBy, limit, filter } = query;
  const found = searchMatches(room.sqlite, words, keys, rights.ranges, orderBy, maxMatches).filter(
    ({ event }) =>
      event.originServerTs <= query.upToMs &&
      matchesEventFilter(event.pdu, filter) &&
      !query.ignored.includes(event.sender) &&
      maySeeAtPlace(room, query.userId, event),
  );
  const predecessor = stateEvent(room.sqlite, 'm.room.create', '')?.pdu.content.predecessor;
  return {
    kind: 'hits',
    count: found.length,
    hits: found.slice(0, limit).map(({ event, rank }) => ({
      eventId: event.eventId,
      sender: event.sender,
      originServerTs: event.originServerTs,
      rank,
    })),
    predecessor: predecessorRoom(predecessor),
  };
}

function predecessorRoom(predecessor: unknown): string | undefined {
  const roomId = (predecessor as { room_id?: unknown } | undefined)?.room_id;
  return typeof roomId === 'string' ? roomId : undefined;
}

/** The events that were found, with what surrounds them. Those that went meanwhile are left out. */
export function readFound(room: Room, query: SurroundingsQuery, nowMs: number): FoundEvent[] | Denial {
  const rights = readerRights(room, query.userId);
  if (rights.kind === 'denied') return rights;
  return query.eventIds.flatMap((eventId) => {
    const event = eventById(room.sqlite, eventId);
    if (!event || event.redactedBy !== undefined || !mayRead(room, rights, event)) return [];
    return [foundEvent(room, rights, event, query, nowMs)];
  });
}

function foundEvent(
  room: Room,
  rights: ReaderRights,
  event: StoredEvent,
  query: SurroundingsQuery,
  nowMs: number,
): FoundEvent {
  const served = (events: StoredEvent[]) => serveEvents(room, events, viewingOf(query, rights, nowMs));
  const [own] = served([event]);
  if (!own) throw new Error(`${event.eventId} is not served`);
  if (!query.context) return { event: own };
  const scan = (dir: 'b' | 'f', start: number, limit: number) =>
    limit === 0 ? [] : scanEvents(room, rights, { dir, start, limit }).events;
  const before = scan('b', event.position - 1, query.context.before);
  const after = scan('f', event.position, query.context.after);
  const senders = new Set([event, ...before, ...after].map(({ sender }) => sender));
  return {
    event: own,
    context: {
      start: (before.at(-1)?.position ?? event.position) - 1,
      end: after.at(-1)?.position ?? event.position,
      eventsBefore: served(before),
      eventsAfter: served(after),
      ...(query.context.profiles ? { profiles: profilesAt(room, senders, event) } : {}),
    },
  };
}

/** What the senders called themselves then. */
function profilesAt(room: Room, senders: Iterable<UserId>, event: StoredEvent) {
  return Object.fromEntries(
    [...senders].map((sender) => {
      const content = stateEventBehind(room.sqlite, event, 'm.room.member', sender)?.pdu.content;
      const { displayname, avatar_url } = content ?? {};
      return [
        sender,
        {
          ...(typeof displayname === 'string' ? { displayname } : {}),
          ...(typeof avatar_url === 'string' ? { avatar_url } : {}),
        },
      ];
    }),
  );
}
