import type { Denial } from '../../../../../matrix/errors.ts';
import { eventById, newestPosition, type StoredEvent } from '../../../storage/room/events.ts';
import { hasRelation, threadTotals } from '../../../storage/room/relations.ts';
import { latestThreads, type Thread } from '../../../storage/room/threads.ts';
import type { ThreadsPage, ThreadsQuery } from '../../room-rpc.ts';
import type { Room } from '../room.ts';
import { mayRead, type ReaderRights, readerRights } from './reader-rights.ts';
import { serveEvents } from './serve-event.ts';

/** Threads looked at by one request; a reader who may see few of them gets a short page and a token. */
const maxScanned = 500;
/** Of a room that the reader may not see to its end, no more threads are put in order. */
const maxOrdered = 2_000;

interface SeenThread extends Thread {
  root: StoredEvent;
}

/** Client-server API, "Querying threads in a room": roots, the one with the latest reply that is seen first. */
export function readThreads(room: Room, query: ThreadsQuery, nowMs: number): ThreadsPage | Denial {
  const rights = readerRights(room, query.userId);
  if (rights.kind === 'denied') return rights;
  const page = seesTheEnd(room, rights)
    ? scanThreads(room, rights, query)
    : orderThreads(room, rights, query);
  const { userId, deviceId } = query;
  const viewing = {
    userId,
    ...(deviceId === undefined ? {} : { deviceId }),
    membershipAt: rights.membershipAt,
    ranges: () => rights.ranges,
    nowMs,
  };
  const roots = page.threads.map(({ root }) => root);
  return {
    kind: 'threads',
    chunk: serveEvents(room, roots, viewing),
    ...(page.next === undefined ? {} : { next: page.next }),
  };
}

function seesTheEnd({ sqlite }: Room, { ranges }: ReaderRights): boolean {
  return ranges.at(-1)?.upTo === newestPosition(sqlite);
}

function scanThreads(
  room: Room,
  rights: ReaderRights,
  query: ThreadsQuery,
): { threads: SeenThread[]; next?: number } {
  const threads: SeenThread[] = [];
  let next = query.before ?? Number.MAX_SAFE_INTEGER;
  for (let scanned = 0; scanned < maxScanned; ) {
    const batch = latestThreads(room.sqlite, next, query.limit + 1);
    for (const thread of batch) {
      if (threads.length === query.limit) return { threads, next };
      const seen = seenThread(room, rights, query, thread);
      if (seen) threads.push(seen);
      next = thread.latest;
    }
    if (batch.length <= query.limit) return { threads };
    scanned += batch.length;
  }
  return { threads, next };
}

/** What the reader does not see must not show in the order either. */
function orderThreads(
  room: Room,
  rights: ReaderRights,
  query: ThreadsQuery,
): { threads: SeenThread[]; next?: number } {
  const before = query.before ?? Number.MAX_SAFE_INTEGER;
  const seen = latestThreads(room.sqlite, Number.MAX_SAFE_INTEGER, maxOrdered)
    .flatMap((thread) => seenThread(room, rights, query, thread) ?? [])
    .filter(({ latest }) => latest < before)
    .sort((one, other) => other.latest - one.latest);
  const threads = seen.slice(0, query.limit);
  const next = threads.at(-1)?.latest;
  return { threads, ...(seen.length > threads.length && next !== undefined ? { next } : {}) };
}

/** The thread as the reader sees it, if it is wanted and they do. */
function seenThread(
  room: Room,
  rights: ReaderRights,
  query: ThreadsQuery,
  { rootId }: Thread,
): SeenThread | undefined {
  const root = eventById(room.sqlite, rootId);
  if (!root || root.stateKey !== undefined || !mayRead(room, rights, root)) return undefined;
  const totals = threadTotals(room.sqlite, root, rights.ranges);
  if (!totals) return undefined;
  const isWanted =
    query.include === 'all' ||
    root.sender === query.userId ||
    hasRelation(room.sqlite, rootId, 'm.thread', rights.ranges, query.userId);
  return isWanted ? { rootId, root, latest: totals.latest } : undefined;
}
