import { badJson } from '../../../../matrix/errors.ts';
import { type EventId, parseRoomId, type RoomId } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import type { JsonProblem } from '../../../../matrix/strict-json.ts';
import { mapConcurrently } from '../../../../platform/map-concurrently.ts';
import type { FederationParts } from '../federation-parts.ts';
import type { ServerRequest } from '../verify-request.ts';
import { type EduPorts, receiveEdus } from './receive-edus.ts';
import { type PduResult, receiveRoomEvents } from './receive-room-events.ts';

/** Server-server API, "Transactions". */
const maxPdus = 50;
const maxEdus = 100;
/** Rooms that are told at once. */
const width = 5;

/** An event as it came, with what its text had that not all would read alike. */
export interface SentPdu {
  value: JsonObject;
  problems: JsonProblem[];
}

/**
 * Takes in a transaction: each event and each EDU for itself, so that a bad one harms no other. It may come twice.
 * @returns the results by event id; of what has no id (no room of ours, no event at all) nothing is said
 * @throws MatrixError 400 if it is no transaction
 */
export async function receiveTransaction(
  parts: FederationParts,
  ports: EduPorts,
  { origin, content, problems }: ServerRequest,
): Promise<Record<EventId, PduResult>> {
  const pdus = listOf(content.pdus, 'pdus', maxPdus);
  const edus = listOf(content.edus ?? [], 'edus', maxEdus);
  const byRoom = new Map<RoomId, SentPdu[]>();
  for (const [index, value] of pdus.entries()) {
    const roomId = isJsonObject(value) && typeof value.room_id === 'string' && parseRoomId(value.room_id);
    if (!roomId || !isJsonObject(value)) continue;
    byRoom.set(roomId, [
      ...(byRoom.get(roomId) ?? []),
      { value, problems: problemsOf(problems, 'pdus', index) },
    ]);
  }
  const results = await mapConcurrently([...byRoom], width, ([roomId, sent]) =>
    receiveRoomEvents(parts, origin, roomId, sent),
  );
  const sound = edus.filter((_, index) => problemsOf(problems, 'edus', index).length === 0);
  await receiveEdus(ports, origin, sound.filter(isJsonObject));
  return Object.fromEntries(results.flat());
}

function listOf(value: unknown, name: string, most: number): unknown[] {
  if (!Array.isArray(value) || value.length > most) throw badJson(`${name} is no list of at most ${most}`);
  return value;
}

function problemsOf(problems: readonly JsonProblem[], list: string, index: number): JsonProblem[] {
  return problems.filter(({ path }) => path[0] === list && path[1] === index);
}
