import { invalidParam, MatrixError } from '../../../../../matrix/errors.ts';
import type { RoomId } from '../../../../../matrix/identifiers.ts';
import type { Config } from '../../../config.ts';
import { type AppendInput, maxDelayMs } from '../../../objects/room-rpc.ts';
import type { Stubs } from '../../../objects/stubs.ts';
import { granted } from '../room-requests.ts';
import { makeDelayId } from './delay-id.ts';

/** MSC4140: the delay that a request to send an event asks for, in ms. @throws `M_INVALID_PARAM`, `M_UNKNOWN` */
export function delayOf(url: URL): number | undefined {
  const text = url.searchParams.get('org.matrix.msc4140.delay');
  if (text === null) return undefined;
  const delayMs = /^[0-9]{1,15}$/.test(text) ? Number(text) : 0;
  if (delayMs === 0) throw invalidParam('org.matrix.msc4140.delay: not a positive number of milliseconds');
  if (delayMs > maxDelayMs) {
    throw new MatrixError(400, 'M_UNKNOWN', 'The delay is too long', {
      'org.matrix.msc4140.errcode': 'M_MAX_DELAY_EXCEEDED',
      'org.matrix.msc4140.max_delay': maxDelayMs,
    });
  }
  return delayMs;
}

/** @throws what the room refuses */
export async function scheduleEvent(
  stubs: Stubs,
  config: Config,
  roomId: RoomId,
  event: AppendInput,
  delayMs: number,
): Promise<{ delay_id: string }> {
  const delayId = makeDelayId(config, roomId, event);
  const result = granted(await stubs.room(roomId).scheduleDelayed({ event, delayId, delayMs }));
  if (result.kind === 'tooMany') {
    throw new MatrixError(400, 'M_UNKNOWN', 'Too many delayed events of yours are waiting in this room', {
      'org.matrix.msc4140.errcode': 'M_MAX_DELAYED_EVENTS_EXCEEDED',
    });
  }
  return { delay_id: delayId };
}
