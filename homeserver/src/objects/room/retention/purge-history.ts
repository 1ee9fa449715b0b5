import type { PurgedHistory } from '../../room-rpc.ts';
import type { Stubs } from '../../stubs.ts';
import type { Room } from '../room.ts';
import { ageFrom, dropCopies, findExpired, purgeMessages, youngestPurgedMs } from './purge-messages.ts';

/** Purges messages from before a time, a batch of them: see `RoomRpc.purgeHistory`. */
export async function purgeHistory(
  room: Room,
  stubs: Stubs,
  beforeMs: number,
  after: number,
  nowMs: number,
): Promise<PurgedHistory> {
  const find = () =>
    findExpired(
      room,
      after,
      (message) => ageFrom(message) < beforeMs && message.cameMs + youngestPurgedMs <= nowMs,
      'goOn',
    );
  const { messages, seenUpTo, more } = find();
  const positions = messages.map(({ position }) => position);
  await dropCopies(room, stubs, positions);
  room.sqlite.transaction(() => {
    // They may have been redacted meanwhile.
    purgeMessages(
      room,
      find().messages.filter(({ position }) => positions.includes(position)),
    );
  });
  return { kind: 'purged', messages: positions.length, ...(more ? { next: seenUpTo } : {}) };
}
