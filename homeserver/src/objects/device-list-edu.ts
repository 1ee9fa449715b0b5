import type { UserId } from '../../../matrix/identifiers.ts';
import type { Edu } from './destination-rpc.ts';

/**
 * Server-server API, "m.device_list_update". Without a number before it, so that the other server asks for the whole
 * list: then none of the changes can be missed.
 */
export function deviceListEdu(userId: UserId, nowMs: number): Edu {
  const content = { user_id: userId, device_id: '', stream_id: nowMs, prev_id: [] };
  return { type: 'm.device_list_update', content, key: `devices ${userId}` };
}
