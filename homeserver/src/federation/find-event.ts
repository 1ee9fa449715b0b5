import type { EventId, RoomId, ServerName } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { openD1 } from '../../../platform/d1.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import { listPeople } from '../storage/d1/accounts.ts';
import type { FederationParts } from './federation-parts.ts';

/** Rooms that are asked, at most, and at once. */
const maxRooms = 500;
const width = 20;
const maxPeople = 20;

/**
 * An event that another server names without its room. Nothing lists events across rooms, and few servers ask: so the
 * rooms are asked, those first that both servers are known to be in.
 */
export async function findEventFor(
  { env, config, stubs }: FederationParts,
  server: ServerName,
  eventId: EventId,
): Promise<JsonObject | undefined> {
  let found: JsonObject | undefined;
  const askAll = (rooms: readonly RoomId[]) =>
    mapConcurrently(rooms.slice(0, maxRooms), width, async (roomId) => {
      if (found) return;
      const answer = await stubs.room(roomId).eventFor(server, eventId);
      if (answer.kind === 'pdus') found = answer.pdus[0];
    });
  const shared = await stubs.destination(server).rooms();
  await askAll(shared);
  if (found) return found;
  const people = await listPeople(openD1(env.DB, config.meter), maxPeople);
  const joined = await mapConcurrently(people, width, (userId) => stubs.user(userId).joinedRooms());
  const others = new Set(joined.flat());
  for (const roomId of shared) others.delete(roomId);
  await askAll([...others]);
  return found;
}
