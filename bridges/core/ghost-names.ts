import { makeUserId, type UserId } from '../../matrix/identifiers.ts';
import type { BridgeConfig } from './config.ts';
import { hashOf } from './hash.ts';
import type { RemoteChatId, RemoteUserId } from './remote-ids.ts';

/** How the users and rooms that a network's bridge owns are named, as its registration reserves them. */

export function ghostUserId(network: string, remoteUserId: RemoteUserId, config: BridgeConfig): UserId {
  const userId = makeUserId(`${network}_${remoteUserId.toLowerCase()}`, config.homeserverName);
  if (!userId) throw new Error(`no ghost can be named after a user of ${network}`);
  return userId;
}

/** Whether the user is a ghost or the bot of this bridge. */
export function isOwnUser(network: string, userId: string, config: BridgeConfig): boolean {
  return userId === config.botUserId || isGhost(network, userId, config);
}

export function isGhost(network: string, userId: string, config: BridgeConfig): boolean {
  return userId.startsWith(`@${network}_`) && userId.endsWith(`:${config.homeserverName}`);
}

/**
 * Localpart of the alias by which a room is made only once: a second attempt to make it finds the alias taken.
 * Hashed, since ids of chats may hold anything.
 */
export function roomAliasLocalpart(network: string, chatId: RemoteChatId): string {
  return `${network}_${hashOf(network, chatId).slice(0, 22).toLowerCase()}`;
}
