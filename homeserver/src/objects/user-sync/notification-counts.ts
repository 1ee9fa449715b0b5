import { type EventMark, highlights, notifies } from '../../storage/user-sync/ring.ts';
import type { Unread } from '../../storage/user-sync/rooms.ts';

/**
 * Unread counts of a room (client-server API, "Receiving notifications"). Every event carries flags from the
 * push rules; an event counts if it lies behind the unthreaded receipt and behind the receipt of its
 * thread. Positions are the room's own.
 */

/** Name of the main timeline in threaded receipts. */
const mainThread = 'main';

/** Counts a new event. */
export function countEvent(unread: Unread, mark: Pick<EventMark, 'flags' | 'threadId'>): Unread {
  if (!(mark.flags & notifies)) return unread;
  const highlight = mark.flags & highlights ? 1 : 0;
  const add = ([notifications, highlighted]: [number, number] = [0, 0]): [number, number] => [
    notifications + 1,
    highlighted + highlight,
  ];
  if (mark.threadId === null) return { ...unread, main: add(unread.main) };
  return { ...unread, threads: { ...unread.threads, [mark.threadId]: add(unread.threads[mark.threadId]) } };
}

/** Takes an event out of the counts that was redacted. @returns the same object if it was read */
export function uncountEvent(unread: Unread, mark: EventMark): Unread {
  if (!(mark.flags & notifies) || !isUnread(unread, mark)) return unread;
  const highlight = mark.flags & highlights ? 1 : 0;
  const [notifications, highlighted] =
    mark.threadId === null ? unread.main : (unread.threads[mark.threadId] ?? [0, 0]);
  const left: [number, number] = [Math.max(0, notifications - 1), Math.max(0, highlighted - highlight)];
  if (mark.threadId === null) return { ...unread, main: left };
  const { [mark.threadId]: _former, ...threads } = unread.threads;
  return { ...unread, threads: left[0] === 0 ? threads : { ...threads, [mark.threadId]: left } };
}

/** Whether an event lies behind the unthreaded receipt and behind that of its thread. */
export function isUnread(
  unread: Unread,
  { roomPosition, threadId }: Pick<EventMark, 'roomPosition' | 'threadId'>,
): boolean {
  return roomPosition > Math.max(unread.read, unread.readThreads[threadId ?? mainThread] ?? 0);
}

/**
 * Moves a read position and counts anew what the ring still knows behind it.
 * @param threadId absent: unthreaded, which reads all threads; `main`: the main timeline only
 * @returns the same object if the position does not move forward
 */
export function readUpTo(
  unread: Unread,
  roomPosition: number,
  threadId: string | undefined,
  marks: readonly EventMark[],
): Unread {
  const reached =
    threadId === undefined ? unread.read : Math.max(unread.read, unread.readThreads[threadId] ?? 0);
  if (roomPosition <= reached) return unread;
  if (threadId === undefined) {
    const readThreads = stillAhead(unread.readThreads, roomPosition);
    return recount({ ...unread, read: roomPosition, readThreads }, marks);
  }
  const moved = { ...unread, readThreads: { ...unread.readThreads, [threadId]: roomPosition } };
  const counted = recount(moved, marks);
  if (threadId === mainThread) return { ...moved, main: counted.main };
  const { [threadId]: _former, ...threads } = unread.threads;
  const count = counted.threads[threadId];
  return { ...moved, threads: count ? { ...threads, [threadId]: count } : threads };
}

/** Counts the marks that are unread. Events that fell out of the ring are gone from the counts. */
function recount(unread: Unread, marks: readonly EventMark[]): Unread {
  const empty: Unread = { ...unread, main: [0, 0], threads: {} };
  return marks.filter((mark) => isUnread(unread, mark)).reduce(countEvent, empty);
}

/** Threaded receipts that the unthreaded one has not overtaken. */
function stillAhead(readThreads: Record<string, number>, roomPosition: number): Record<string, number> {
  return Object.fromEntries(Object.entries(readThreads).filter(([, position]) => position > roomPosition));
}

/** Totals for clients that know no threads: the main timeline and all threads. */
export function totalUnread(unread: Unread): { notifications: number; highlights: number } {
  const all = [unread.main, ...Object.values(unread.threads)];
  return {
    notifications: all.reduce((sum, [count]) => sum + count, 0),
    highlights: all.reduce((sum, [, count]) => sum + count, 0),
  };
}
