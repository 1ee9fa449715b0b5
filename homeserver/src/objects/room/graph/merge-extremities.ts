import type { UserId } from '../../../../../matrix/identifiers.ts';
import { log } from '../../../../../platform/log.ts';
import { requiredPower, userPower } from '../../../protocol/power-levels.ts';
import { newestPosition } from '../../../storage/room/events.ts';
import { readExtremities } from '../../../storage/room/room-row.ts';
import { syncingMembers } from '../delivery/followers.ts';
import { isAllowedByOwnState } from '../incoming/judge-event.ts';
import type { Room } from '../room.ts';
import { draftEvent } from './append-event.ts';
import { advanceExtremities, extremityEvents } from './extremities.ts';
import { resolveOwnLine } from './own-line.ts';
import { makePlace, stateBefore } from './place-event.ts';
import { powerState } from './redaction-refusal.ts';
import { storeHidden } from './store-event.ts';

/** With more extremities than this, each further event would cost a resolution of many states. */
const maxLoose = 10;

/** As other servers name it; never shown to clients. */
const dummyType = 'org.matrix.dummy_event';

/**
 * Joins the ends of the graph by an event that says nothing, if there are many and a user of this server may send
 * one. Others who send to the room will then follow on it, too.
 */
export function mergeExtremities(room: Room, nowMs: number): void {
  const extremities = readExtremities(room.sqlite);
  const before = extremities.length;
  if (before <= maxLoose) return;
  const sender = senderOfDummies(room);
  if (!sender) return;
  const { pdu, eventId } = draftEvent(room, { sender, type: dummyType, content: {} }, nowMs);
  if (!isAllowedByOwnState(room, pdu)) return;
  const place = makePlace(room, stateBefore(room, extremityEvents(room)));
  storeHidden(room, { pdu, eventId, place, verdict: 'accepted' });
  advanceExtremities(room, extremities, { eventId, pdu });
  resolveOwnLine(room, newestPosition(room.sqlite));
  log('debug', 'room.extremities_merged', { roomId: room.roomId, before });
}

function senderOfDummies(room: Room): UserId | undefined {
  const state = powerState(room);
  const required = requiredPower(dummyType, false, state, room.version);
  return syncingMembers(room).find((userId) => userPower(userId, state, room.version) >= required);
}
