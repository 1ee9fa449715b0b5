import { isMembership, type Membership } from '../../../../../matrix/events.ts';
import { serverNameOf, type UserId } from '../../../../../matrix/identifiers.ts';
import { stateMapKey } from '../../../protocol/state-map.ts';
import { eventAt, type StoredEvent } from '../../../storage/room/events.ts';
import { recountServer } from '../../../storage/room/joined-servers.ts';
import { markPending, memberOf, recount } from '../../../storage/room/members.ts';
import { type StateKey, setState } from '../../../storage/room/state.ts';
import { isLocal } from '../delivery/followers.ts';
import type { Room } from '../room.ts';
import { extremityEvents } from './extremities.ts';
import { stateBefore } from './place-event.ts';
import { keysBetween, statePositions, timelinePoint } from './state-point.ts';

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
  const others = keysBetween(room.sqlite, base, own).filter(
    ({ type, stateKey }) => !wanted.has(stateMapKey(type, stateKey)),
  );
  const inBase = statePositions(room.sqlite, base, others);
  for (const [index, key] of others.entries()) {
    wanted.set(stateMapKey(key.type, key.stateKey), { key, position: inBase[index] });
  }
  const all = [...wanted.values()];
  const present = statePositions(
    room.sqlite,
    own,
    all.map(({ key }) => key),
  );
  for (const [index, { key, position }] of all.entries()) {
    if (present[index] === position) continue;
    setOwnState(room, key, since, position === undefined ? undefined : eventAt(room.sqlite, position));
  }
}

/**
 * Sets a key of the room's state as of the event at `since`, with what follows from a changed membership.
 * @param counting `later`: the caller counts the members when it has set them all
 */
export function setOwnState(
  room: Room,
  key: StateKey,
  since: number,
  event: Pick<StoredEvent, 'position' | 'pdu'> | undefined,
  counting: 'now' | 'later' = 'now',
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
  if (counting === 'now') {
    const counted = event && (present ?? 'leave');
    recount(room.sqlite, former, counted);
    const server = serverNameOf(key.stateKey as UserId);
    // A server of whose members few are known does not leave with one of them.
    const isDoubtful = room.isPartial && former === 'join' && counted !== 'join';
    if (!local && !isDoubtful) recountServer(room.sqlite, server, former, counted, since);
  }
  if (local && concernsMember(former, present ?? 'leave')) markPending(room.sqlite, key.stateKey, since);
}

/** Whether the user has to be told of the change as one of theirs; a ban from outside is none. */
function concernsMember(former: Membership | undefined, present: Membership): boolean {
  const isIn = (value: Membership | undefined) => value === 'join' || value === 'invite' || value === 'knock';
  return former !== present && (isIn(former) || isIn(present));
}
