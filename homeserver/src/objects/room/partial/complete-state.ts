import { isMembership } from '../../../../../matrix/events.ts';
import type { EventId, UserId } from '../../../../../matrix/identifiers.ts';
import type { Pdu } from '../../../protocol/pdu.ts';
import { eventById, newestPosition } from '../../../storage/room/events.ts';
import {
  putWaiting,
  takeWaiting,
  type WaitingEvent,
  waitingAuthEvents,
} from '../../../storage/room/import-waiting.ts';
import { settleServers } from '../../../storage/room/joined-servers.ts';
import { recountAll } from '../../../storage/room/members.ts';
import {
  applyFetched,
  dropFetched,
  hasFetched,
  type PartialState,
  putFetched,
} from '../../../storage/room/partial-state.ts';
import { isLocal } from '../delivery/followers.ts';
import { resolveOwnLine } from '../graph/own-line.ts';
import { RoomEventSource } from '../graph/room-event-source.ts';
import { readIncoming } from '../incoming/incoming-event.ts';
import { inOrder } from '../incoming/order-events.ts';
import { receiveOutlier } from '../incoming/receive-events.ts';
import type { Room } from '../room.ts';
import { judgeAgain } from './judge-again.ts';

/** Waiting events that are judged without a pause. */
const settledAtOnce = 500;

export interface StatePortion {
  state: Pdu[];
  authChain: Pdu[];
}

/** A part of the state that is being fetched; what cannot be judged yet waits. One transaction. */
export function takePortion(room: Room, { state, authChain }: StatePortion): void {
  const source = new RoomEventSource(room);
  const take = (pdu: Pdu, isState: boolean) => {
    const incoming = readIncoming(room, pdu);
    if (incoming.kind === 'malformed') return;
    const event = { ...incoming, isState };
    if (!judge(room, event, source)) putWaiting(room.sqlite, event);
  };
  room.sqlite.transaction(() => {
    for (const pdu of authChain) take(pdu, false);
    for (const pdu of state) take(pdu, true);
  });
}

/** Judges what waits. An event whose auth events never came is left out. */
export async function settlePortions(room: Room, pause: () => Promise<void>): Promise<void> {
  const order = inOrder(waitingAuthEvents(room.sqlite));
  for (let start = 0; start < order.length; start += settledAtOnce) {
    const some: EventId[] = order.slice(start, start + settledAtOnce);
    room.sqlite.transaction(() => {
      const source = new RoomEventSource(room);
      for (const event of takeWaiting(room.sqlite, some)) judge(room, event, source);
    });
    await pause();
  }
}

function judge(room: Room, { eventId, pdu, isState }: WaitingEvent, source: RoomEventSource): boolean {
  const result = receiveOutlier(room, { eventId, pdu }, source);
  if (result.kind === 'missing') return false;
  const isAccepted =
    result.kind === 'accepted' ||
    (result.kind === 'known' && eventById(room.sqlite, eventId)?.verdict === 'accepted');
  if (!isState || !isAccepted || pdu.state_key === undefined) return true;
  const key = { type: pdu.type, stateKey: pdu.state_key };
  if (pdu.type !== 'm.room.member') putFetched(room.sqlite, key, result.position);
  else {
    const { membership } = pdu.content;
    putFetched(room.sqlite, key, result.position, {
      membership: isMembership(membership) ? membership : 'leave',
      isLocal: isLocal(room.config, pdu.state_key as UserId),
    });
  }
  return true;
}

/** Before an attempt, and after one that failed. */
export function forgetPortions(room: Room): void {
  room.sqlite.transaction(() => dropFetched(room.sqlite));
}

/**
 * What was fetched becomes the state before the join, and all that came since is judged again. One transaction.
 * @returns whether it can be that state: it has a beginning
 */
export function completeState(room: Room, { joinId, since }: PartialState): boolean {
  const { sqlite } = room;
  if (!hasFetched(sqlite, 'm.room.create', '')) return false;
  try {
    sqlite.transaction(() => {
      applyFetched(sqlite, since, eventById(sqlite, joinId)?.place);
      room.isPartial = false;
      judgeAgain(room, since);
      const newest = newestPosition(sqlite);
      // Where branches met meanwhile, members of one may have given way to the ignorance of the other.
      resolveOwnLine(room, newest);
      recountAll(sqlite);
      settleServers(sqlite, room.config.serverName, since, newest);
    });
  } catch (error) {
    // Nothing of it is stored: the members are still lacking.
    room.isPartial = true;
    throw error;
  }
  return true;
}
