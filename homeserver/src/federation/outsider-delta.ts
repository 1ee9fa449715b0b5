import type { Membership, StateEvent, StrippedStateEvent } from '../../../matrix/events.ts';
import type { EventId, RoomId } from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonValue } from '../../../matrix/json.ts';
import type { RoomDelta } from '../objects/room-rpc.ts';
import type { Pdu } from '../protocol/pdu.ts';
import { strip } from '../protocol/stripped-state.ts';

/** Stripped state that is kept of a room elsewhere, in events and in bytes. */
const maxEvents = 50;
const maxBytes = 256 * 1024;

export interface OutsideMembership {
  roomId: RoomId;
  roomVersion: string;
  membership: Membership;
  strippedState: StrippedStateEvent[];
  inviteEventId?: EventId;
  /** The event that ended an invitation or knock. */
  ending?: StateEvent;
}

/** What a user hears of a room in which nobody of this server is, as the room's object would tell it. */
export function outsiderDelta(outside: OutsideMembership): RoomDelta {
  const { roomId, roomVersion, membership, strippedState, inviteEventId, ending } = outside;
  return {
    roomId,
    fromPosition: 0,
    position: 0,
    membership,
    events: [],
    updated: [],
    members: [],
    ...(ending && { corrections: { set: [ending], removed: [] } }),
    summary: { joinedCount: 0, invitedCount: 0, heroes: [] },
    snapshot: { roomVersion, state: [], strippedState, ...(inviteEventId ? { inviteEventId } : {}) },
  };
}

/** As clients see it. */
export function stateEventOf(eventId: EventId, pdu: Pdu): StateEvent {
  const { type, sender, content, origin_server_ts, state_key = '' } = pdu;
  return { event_id: eventId, type, sender, origin_server_ts, content, state_key };
}

/** What another server tells of its room, without what no client could make sense of. */
export function readStrippedState(value: JsonValue | undefined): StrippedStateEvent[] {
  if (!Array.isArray(value) || JSON.stringify(value).length > maxBytes) return [];
  return value.slice(0, maxEvents).flatMap((event) => {
    if (!isJsonObject(event)) return [];
    const { type, state_key, sender, content } = event;
    const isState = typeof type === 'string' && typeof state_key === 'string' && typeof sender === 'string';
    return isState && isJsonObject(content)
      ? [strip({ type, state_key, sender: sender as never, content })]
      : [];
  });
}
