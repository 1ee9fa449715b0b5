import type { UserId } from '../../../matrix/identifiers.ts';
import { openD1 } from '../../../platform/d1.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import type { FederationParts } from '../federation/federation-parts.ts';
import type { EduPorts } from '../federation/inbound/receive-edus.ts';
import type { Stubs } from '../objects/stubs.ts';
import type { ToldPresence } from '../objects/user-sync-rpc.ts';
import { listPeople } from '../storage/d1/accounts.ts';
import { tellServices } from './device-lists.ts';
import { existingUsers, isLocal } from './local-accounts.ts';
import { sendToDevices } from './send-to-device.ts';

/** People who may share a room with somebody of another server. */
const maxPeople = 1_000;
const width = 20;

export function eduPorts({ env, config, stubs }: FederationParts): EduPorts {
  const db = openD1(env.DB, config.meter);
  return {
    stubs,
    async existing(userIds) {
      const ours = userIds.filter((userId) => isLocal(userId, config));
      const existing = await existingUsers(db, config, ours);
      return ours.filter((userId) => existing.has(userId));
    },
    deliver: (userId, messages) => sendToDevices(stubs, config, userId, messages),
    async tellDeviceNews(userId) {
      await tellServices(stubs, config, userId);
      const people = await listPeople(db, maxPeople);
      const shared = await mapConcurrently(people, width, (person) =>
        stubs.user(person).sharedSince([userId]),
      );
      // Whoever is told asks at once.
      if (shared.some((since) => userId in since)) await stubs.userKeys(userId).outdateKeysElsewhere();
      await mapConcurrently(people, width, (person) => stubs.user(person).noteDevicesOf(userId));
    },
    async tellPresence(told) {
      if (!config.presence) return;
      const people = await listPeople(db, maxPeople);
      await mapConcurrently(people, width, (person) => tellPresence(stubs, person, told));
    },
  };
}

/** Whether somebody whom the person's object does not know shares a room is asked of the rooms. */
async function tellPresence(stubs: Stubs, person: UserId, told: ToldPresence[]): Promise<void> {
  const unknown = await stubs.user(person).learnPresence(told, []);
  if (unknown.length === 0) return;
  const met = new Set<UserId>();
  await mapConcurrently(await stubs.user(person).joinedRooms(), width, async (roomId) => {
    const open = unknown.filter((userId) => !met.has(userId));
    if (open.length === 0) return;
    for (const userId of await stubs.room(roomId).joinedAmong(open)) met.add(userId);
  });
  if (met.size === 0) return;
  const news = told.filter(({ userId }) => met.has(userId));
  await stubs.user(person).learnPresence(news, [...met]);
}
