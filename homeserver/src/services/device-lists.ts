import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { mayAssertUser } from '../../../appservice/registration.ts';
import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import type { Config } from '../config.ts';
import { deviceListEdu } from '../objects/device-list-edu.ts';
import type { Stubs } from '../objects/stubs.ts';
import { listPeople } from '../storage/d1/accounts.ts';
import { isReserved } from './register-user.ts';

/** Requests to objects under way at once. */
const width = 20;
/** Up to so many people on the server it may be cheaper to ask each of them than each room. */
const fewPeople = 100;

/**
 * Tells every local user who shares a room with `userId`, and that user, that the devices or the identity
 * changed. Telling twice is harmless. Of an application service's user the rooms are not known here, so
 * all people of the server are told: one told too many only asks for keys once more.
 */
export async function announceDeviceList(
  db: DrizzleD1Database,
  stubs: Stubs,
  config: Config,
  userId: UserId,
): Promise<void> {
  const rooms = isReserved(userId, config) ? 'own' : await stubs.user(userId).joinedRooms();
  const others =
    rooms === 'own' ? await listPeople(db, fewPeople) : await localUsersSharingRoom(db, stubs, userId, rooms);
  await tellServices(stubs, config, userId);
  if (rooms !== 'own') await tellServers(stubs, userId, rooms);
  const audience = new Set([userId, ...others]);
  await mapConcurrently([...audience], width, (member) => stubs.user(member).markDeviceLists([userId], []));
}

async function tellServers(stubs: Stubs, userId: UserId, rooms: readonly RoomId[]): Promise<void> {
  const servers = await mapConcurrently(rooms, width, (roomId) => stubs.room(roomId).serversInRoom());
  const edu = deviceListEdu(userId, Date.now());
  await mapConcurrently([...new Set(servers.flat())], width, (server) =>
    stubs.destination(server).enqueueEdus([edu]),
  );
}

/** Also for users of other servers. */
export async function tellServices(stubs: Stubs, config: Config, userId: UserId): Promise<void> {
  for (const service of config.registrations.filter(
    ({ url, deviceNews }) => url !== undefined && deviceNews,
  )) {
    const whose = mayAssertUser(service, userId, config.serverName) ? 'own' : 'other';
    await stubs.appservice(service.id).tellDeviceList(userId, whose);
  }
}

/**
 * Two ways to the same answer: a household in thousands of bridged rooms is cheaper asked by person, a
 * server of many people with few rooms by room.
 */
export async function localUsersSharingRoom(
  db: DrizzleD1Database,
  stubs: Stubs,
  userId: UserId,
  rooms: readonly RoomId[],
): Promise<UserId[]> {
  if (rooms.length === 0) return [];
  const others = (await listPeople(db, fewPeople + 1)).filter((person) => person !== userId);
  if (others.length < fewPeople && others.length <= rooms.length) {
    const shared = new Set(rooms);
    const shares = await mapConcurrently(others, width, async (person) =>
      (await stubs.user(person).joinedRooms()).some((roomId) => shared.has(roomId)),
    );
    return others.filter((_, index) => shares[index]);
  }
  const members = await mapConcurrently(rooms, width, (roomId) => stubs.room(roomId).localMembers());
  return [...new Set(members.flat())].filter((member) => member !== userId);
}
