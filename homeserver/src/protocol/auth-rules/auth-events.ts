import type { Pdu } from '../pdu.ts';
import type { RoomVersion } from '../room-versions.ts';
import { stateMapKey } from '../state-map.ts';
import { authTypesFor } from './auth-types.ts';
import { allowed, denied, type Verdict } from './verdict.ts';

/** An event that another names in its `auth_events`. */
export interface NamedAuthEvent {
  pdu: Pdu;
  /** Refused by the checks on receipt. */
  rejected: boolean;
}

/** Rule 3: whether the auth events that an event names are the right ones. */
export function checkAuthEvents(
  event: Pdu,
  authEvents: readonly NamedAuthEvent[],
  version: RoomVersion,
): Verdict {
  if (event.type === 'm.room.create') return allowed;
  const selected = new Set(
    authTypesFor(event, version).map(([type, stateKey]) => stateMapKey(type, stateKey)),
  );
  const seen = new Set<string>();
  for (const { pdu, rejected } of authEvents) {
    const key = pdu.state_key === undefined ? undefined : stateMapKey(pdu.type, pdu.state_key);
    if (key === undefined || !selected.has(key)) return denied('3.2', `${pdu.type} does not authorise it`);
    if (seen.has(key)) return denied('3.1', `two auth events for ${pdu.type}`);
    seen.add(key);
    if (rejected) return denied('3.3', 'an auth event was rejected');
    if (pdu.room_id !== event.room_id) return denied('3.5', 'an auth event of another room');
  }
  if (version.roomIds === 'domain' && !seen.has(stateMapKey('m.room.create', ''))) {
    return denied('3.4', 'no create event among the auth events');
  }
  return allowed;
}
