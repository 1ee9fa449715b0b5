import {
  badJson,
  type Denial,
  denial,
  forbidden,
  MatrixError,
  unknown,
} from '../../../../../matrix/errors.ts';
import type { EventId, RoomId, ServerName } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import type { Sqlite } from '../../../../../platform/sqlite.ts';
import type { Config } from '../../../config.ts';
import { roomIdOfCreate } from '../../../protocol/event-hash.ts';
import { authEventIds, type Pdu, prevEventIds } from '../../../protocol/pdu.ts';
import { parsePdu } from '../../../protocol/pdu-format.ts';
import { roomVersion } from '../../../protocol/room-versions.ts';
import { eventById } from '../../../storage/room/events.ts';
import { putGap } from '../../../storage/room/gaps.ts';
import {
  putWaiting,
  takeWaiting,
  type WaitingEvent,
  waitingAuthEvents,
} from '../../../storage/room/import-waiting.ts';
import { recountAllServers } from '../../../storage/room/joined-servers.ts';
import { recountAll } from '../../../storage/room/members.ts';
import {
  addWaiting,
  countWaiting,
  endImport,
  insertRoomRow,
  readRoomRow,
} from '../../../storage/room/room-row.ts';
import { statePositionAt } from '../../../storage/room/state.ts';
import type { ImportEvents, ImportProgress, ImportRoomInput } from '../../room-rpc.ts';
import { newestIsExtremity } from '../graph/extremities.ts';
import { setOwnState } from '../graph/own-line.ts';
import { RoomEventSource } from '../graph/room-event-source.ts';
import { storeEvent } from '../graph/store-event.ts';
import { beginPartial } from '../partial/begin-partial.ts';
import type { Room } from '../room.ts';
import { gapSize } from './gaps.ts';
import { readIncoming } from './incoming-event.ts';
import { isAllowedByAuthEvents, isAllowedByOwnState } from './judge-event.ts';
import { inOrder } from './order-events.ts';
import { receiveOutlier } from './receive-events.ts';

/** Waiting events that one call judges: well within what a request may compute. */
const settledAtOnce = 2_000;

/** Those that wait, in the order in which they can be judged: found once, not by every call. */
const settlingOrders = new WeakMap<Room, EventId[]>();

/** Begins the import of a room that is made and kept elsewhere. See `RoomRpc.beginImport`. */
export function beginImport(
  { sqlite, config }: { sqlite: Sqlite; config: Config },
  roomId: RoomId,
  input: ImportRoomInput,
  makeSchema: () => void,
): Room | Denial {
  const version = roomVersion(input.roomVersion);
  if (!version) return denial(unknown('Unknown room version', 400));
  if (readRoomRow(sqlite)) return denial(new MatrixError(400, 'M_ROOM_IN_USE', 'The room exists'));
  const parsed = parsePdu(input.createEvent, version);
  if (parsed.kind === 'malformed') return denial(badJson(parsed.reason));
  if (parsed.pdu.type !== 'm.room.create' || roomIdOfCreate(parsed.pdu, version) !== roomId) {
    return denial(badJson('Not the create event of this room'));
  }
  const room: Room = { sqlite, roomId, version, config };
  sqlite.transaction(() => {
    makeSchema();
    insertRoomRow(sqlite, { roomId, version: version.id, importing: true });
    importEvents(room, { state: [input.createEvent], authChain: [] });
  });
  return room;
}

/** What cannot be judged yet waits for `settleImport`. */
export function importEvents(room: Room, { state, authChain }: ImportEvents): ImportProgress {
  const source = new RoomEventSource(room);
  let waiting = 0;
  const take = (value: JsonObject, isState: boolean) => {
    const incoming = readIncoming(room, value);
    if (incoming.kind === 'malformed') return;
    const event = { ...incoming, isState };
    if (!judge(room, event, source)) waiting += putWaiting(room.sqlite, event);
  };
  for (const value of authChain) take(value, false);
  for (const value of state) take(value, true);
  addWaiting(room.sqlite, waiting);
  settlingOrders.delete(room);
  return importProgress(room);
}

/** Judges some of those that wait. An event whose auth events never came is left out. */
export function settleImport(room: Room): ImportProgress {
  const source = new RoomEventSource(room);
  const order = settlingOrders.get(room) ?? inOrder(waitingAuthEvents(room.sqlite));
  const taken = takeWaiting(room.sqlite, order.slice(0, settledAtOnce));
  for (const event of taken) judge(room, event, source);
  addWaiting(room.sqlite, -taken.length);
  settlingOrders.set(room, order.slice(settledAtOnce));
  return importProgress(room);
}

export function importProgress({ sqlite }: Room): ImportProgress {
  return { kind: 'importing', waiting: countWaiting(sqlite) };
}

/** @returns whether that was possible */
function judge(room: Room, event: WaitingEvent, source: RoomEventSource): boolean {
  const result = receiveOutlier(room, event, source);
  if (result.kind === 'missing') return false;
  const isAccepted =
    result.kind === 'accepted' ||
    (result.kind === 'known' && eventById(room.sqlite, event.eventId)?.verdict === 'accepted');
  if (event.isState && isAccepted) putInState(room, event.pdu, result.position);
  return true;
}

/** The state of the room before the join, which is the first event of our timeline. */
function putInState(room: Room, pdu: Pdu, position: number): void {
  if (pdu.state_key === undefined) return;
  const key = { type: pdu.type, stateKey: pdu.state_key };
  const since = gapSize - 1;
  if (statePositionAt(room.sqlite, key, since) !== undefined) return;
  setOwnState(room, key, since, { position, pdu }, 'later');
}

/**
 * The join makes the room one of this server's, if it is allowed by the state that was imported.
 * @param servers that are in the room, if the state lacks the members
 */
export function finishImport(
  room: Room,
  joinEvent: JsonObject,
  servers?: ServerName[],
): { kind: 'done' } | Denial {
  const incoming = readIncoming(room, joinEvent);
  if (incoming.kind === 'malformed') return denial(badJson(incoming.reason));
  const { pdu, eventId } = incoming;
  room.isPartial = servers !== undefined;
  const source = new RoomEventSource(room);
  const lacking = authEventIds(pdu).find((id) => !source.find(id));
  if (lacking) return denial(unknown(`The room came without ${lacking}`, 502));
  if (!isAllowedByAuthEvents(room, pdu, source) || !isAllowedByOwnState(room, pdu)) {
    return denial(forbidden('The join is not allowed by the state of the room'));
  }
  room.sqlite.transaction(() => {
    recountAll(room.sqlite);
    recountAllServers(room.sqlite, room.config.serverName, gapSize - 1);
    if (servers) beginPartial(room, eventId, gapSize, servers);
    storeEvent(room, { pdu, eventId, position: gapSize });
    putGap(room.sqlite, { position: gapSize, missing: prevEventIds(pdu) });
    newestIsExtremity(room);
    endImport(room.sqlite);
  });
  return { kind: 'done' };
}
