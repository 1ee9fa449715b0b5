import { isMembership, type Membership } from '../../../../matrix/events.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { stateMapKey } from '../../protocol/state-map.ts';
import { eventAt, type StoredEvent } from '../../storage/room/events.ts';
import { markPending, memberOf, recount } from '../../storage/room/members.ts';
import { type StateKey, setState } from '../../storage/room/state.ts';
import { extremityEvents } from './extremities.ts';
import { isLocal } from './followers.ts';
import { stateBefore } from './place-event.ts';
import type { Room } from './room.ts';
import { keysBetween, statePosition, timelinePoint } from './state-point.ts';

/**
 * Makes the state of all extremities the room's, as of the event at `since`, which is in the timeline. Needed
 * unless that event alone follows on everything.
 */
export function resolveOwnLine(room: Room, since: number): void {
  const { base, changes } = stateBefore(room, extremityEvents(room));
  const own = timelinePoint(since);
  const wanted = new Map(
    changes.map((change) => [stateMapKey(change.key.type, change.key.stateKey), change]),
  );
  for (const key of keysBetween(room.sqlite, base, own)) {
    const name = stateMapKey(key.type, key.stateKey);
    if (!wanted.has(name)) wanted.set(name, { key, position: statePosition(room.sqlite, base, key) });
  }
  for (const { key, position } of wanted.values()) {
    if (statePosition(room.sqlite, own, key) === position) continue;
    setOwnState(room, key, since, position === undefined ? undefined : eventAt(room.sqlite, position));
  }
}

/** Sets a key of the room's state as of the event at `since`, with what follows from a changed membership. */
export function setOwnState(
  room: Room,
  key: StateKey,
  since: number,
  event: Pick<StoredEvent, 'position' | 'pdu'> | undefined,
): void {
  const change = { ...key, since, position: event?.position };
  if (key.type !== 'm.room.member') {
    setState(room.sqlite, change);
    return;
  }
  const former = memberOf(room.sqlite, key.stateKey)?.membership;
  const value = event?.pdu.content.membership;
  const present = isMembership(value) ? value : undefined;
  const local = isLocal(room.config, key.stateKey as UserId);
  setState(room.sqlite, {
    ...change,
    membership: present ?? 'leave',
    isLocal: local,
  });
  recount(room.sqlite, former, event && (present ?? 'leave'));
  if (local && concernsMember(former, present ?? 'leave')) markPending(room.sqlite, key.stateKey, since);
}

/** Whether the user has to be told of the change as one of theirs; a ban from outside is none. */
function concernsMember(former: Membership | undefined, present: Membership): boolean {
  const isIn = (value: Membership | undefined) => value === 'join' || value === 'invite' || value === 'knock';
  return former !== present && (isIn(former) || isIn(present));
}
