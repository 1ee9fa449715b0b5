import type { RoomId } from '../../../../../matrix/identifiers.ts';
import type { DelayedEvent } from '../../../objects/room-rpc.ts';

export function delayedEventFormat(roomId: RoomId, delayed: DelayedEvent): Record<string, unknown> {
  const { delayId, type, stateKey, content, delayMs, runningSinceMs } = delayed;
  return {
    delay_id: delayId,
    room_id: roomId,
    type,
    ...(stateKey === undefined ? {} : { state_key: stateKey }),
    content,
    delay: delayMs,
    running_since: runningSinceMs,
  };
}
