import type { DelayAction } from '../../../objects/room-rpc.ts';
import type { Stubs } from '../../../objects/stubs.ts';
import { granted } from '../room-requests.ts';
import { roomOfDelayId } from './delay-id.ts';

/** @throws `M_NOT_FOUND`, or what the room refuses when it is to be sent */
export async function manageDelayedEvent(
  stubs: Stubs,
  delayId = '',
  action: DelayAction,
): Promise<Record<string, never>> {
  granted(await stubs.room(roomOfDelayId(delayId)).manageDelayed(delayId, action));
  return {};
}
