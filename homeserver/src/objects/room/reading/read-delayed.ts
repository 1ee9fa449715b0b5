import type { UserId } from '../../../../../matrix/identifiers.ts';
import { delayedOf } from '../../../storage/room/delayed-events.ts';
import type { DelayedEvent } from '../../room-rpc.ts';
import type { Room } from '../room.ts';

export function readDelayed({ sqlite }: Room, userId: UserId): DelayedEvent[] {
  return delayedOf(sqlite, userId).map(({ delayId, type, stateKey, content, delayMs, runningSinceMs }) => ({
    delayId,
    type,
    ...(stateKey === undefined ? {} : { stateKey }),
    content,
    delayMs,
    runningSinceMs,
  }));
}
