import type { ServerName, UserId } from '../../../../../matrix/identifiers.ts';
import { mapConcurrently } from '../../../../../platform/map-concurrently.ts';
import { presenceContent } from '../../../protocol/sync/presence.ts';
import { joinedRoomIds } from '../../../storage/user-sync/rooms.ts';
import type { Edu } from '../../destination-rpc.ts';
import type { Stubs } from '../../stubs.ts';
import type { UserContext } from '../user-context.ts';
import { ownPresence } from './own-presence.ts';

/** Requests to objects under way at once. */
const width = 20;

/** The due work `presence_servers`: tells the own presence to servers of the rooms that the user is in now. */
export async function tellServers(user: UserContext, stubs: Stubs, nowMs: number): Promise<void> {
  const { presence } = user;
  if (!presence) return;
  const greeted = [...presence.toGreet];
  presence.toGreet.clear();
  // After an eviction it is not known any more whom it was about.
  const isForAll = presence.isNews || greeted.length === 0;
  presence.isNews = false;
  const servers = isForAll ? await serversSharingRoom(user, stubs) : greeted;
  const edu = presenceEdu(user, nowMs);
  await mapConcurrently(servers, width, (server) => stubs.destination(server).enqueueEdus([edu]));
}

async function serversSharingRoom(user: UserContext, stubs: Stubs): Promise<ServerName[]> {
  const servers = new Set<ServerName>();
  await mapConcurrently(joinedRoomIds(user.sqlite), width, async (roomId) => {
    for (const server of await stubs.room(roomId).serversInRoom()) servers.add(server as ServerName);
  });
  return [...servers];
}

/** Server-server API, "Presence". A newer one takes the place of one that was not sent yet. */
function presenceEdu(user: UserContext, nowMs: number): Edu {
  const userId: UserId = user.userId;
  const own = ownPresence(user);
  const content = { last_active_ago: 0, ...presenceContent(own, nowMs), user_id: userId };
  return { type: 'm.presence', content: { push: [content] }, key: `presence ${userId}`, isFleeting: true };
}
