import type { AppserviceClient } from '../../../appservice/client.ts';
import { MatrixApiError } from '../../../appservice/matrix-api-error.ts';
import type { UserId } from '../../../matrix/identifiers.ts';
import { isGhost } from '../ghost-names.ts';
import type { NetworkClient } from '../network-client.ts';
import type { RemoteSender } from '../remote-event.ts';
import type { RemoteUserId } from '../remote-ids.ts';
import type { PortalContext } from './portal-context.ts';

/** A Matrix user whom the bridge may act as. */
export interface Actor {
  userId: string;
  matrix: AppserviceClient;
  /** A person who is logged in here, not a ghost: what they do on the network themselves appears as theirs. */
  isPerson: boolean;
}

/** The person behind a remote user if we may act as them, else the ghost, in the room. */
export async function actorOf(
  portal: PortalContext,
  client: NetworkClient,
  sender: RemoteSender,
  roomId: string,
): Promise<Actor> {
  return (
    (sender.as ? undefined : await personOf(portal, sender.userId)) ??
    (await ghostActor(portal, client, sender.userId, roomId))
  );
}

export async function personOf(
  portal: PortalContext,
  remoteUserId: RemoteUserId,
): Promise<Actor | undefined> {
  const { doublePuppet } = portal.bridge.config;
  if (!doublePuppet) return undefined;
  const [userId] = await portal.logins.usersBehind(remoteUserId);
  return userId ? { userId, matrix: doublePuppet.asUser(userId), isPerson: true } : undefined;
}

async function ghostActor(
  portal: PortalContext,
  client: NetworkClient,
  remoteUserId: RemoteUserId,
  roomId: string,
): Promise<Actor> {
  const userId = await portal.ghosts.ensureJoined(client, remoteUserId, roomId);
  return { userId, matrix: portal.bridge.config.matrix.asUser(userId), isPerson: false };
}

/** Who may change an event that this user sent: the user, or for a person we may not act as the bot. */
export function actorFor(portal: PortalContext, userId: string): Actor {
  const { config, connector } = portal.bridge;
  const { matrix, doublePuppet, botUserId } = config;
  if (isGhost(connector.id, userId, config))
    return { userId, matrix: matrix.asUser(userId), isPerson: false };
  if (doublePuppet) return { userId, matrix: doublePuppet.asUser(userId), isPerson: true };
  return { userId: botUserId, matrix, isPerson: false };
}

/**
 * Does something as the sender of a remote event. If a person may not (they left the room, or the homeserver
 * refuses us), their ghost does it; a ghost that was removed from the room is brought back once.
 * @param userId who has done part of it already and is to do the rest
 */
export async function actAs<T>(
  portal: PortalContext,
  client: NetworkClient,
  sender: RemoteSender,
  roomId: string,
  action: (actor: Actor) => Promise<T>,
  userId?: string,
): Promise<T> {
  const actor =
    userId === undefined ? await actorOf(portal, client, sender, roomId) : actorFor(portal, userId);
  try {
    return await action(actor);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    const ghost = await ghostActor(portal, client, sender.userId, roomId);
    if (!actor.isPerson) await portal.ghosts.join(ghost.userId as UserId, roomId);
    return action(ghost);
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof MatrixApiError && (error.status === 403 || error.status === 401);
}
