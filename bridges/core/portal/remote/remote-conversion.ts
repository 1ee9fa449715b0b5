import type { RoomId, UserId } from '../../../../matrix/identifiers.ts';
import { ghostUserId } from '../../ghost-names.ts';
import type { RemoteConversion } from '../../network-client.ts';
import type { OpenLogin } from '../login-cache.ts';
import type { PortalContext } from '../portal-context.ts';
import { firstEvent } from './relations.ts';

/** Answers what a conversion to Matrix asks. */
export function remoteConversion(
  portal: PortalContext,
  { client }: OpenLogin,
  roomId: RoomId,
): RemoteConversion {
  const { config, connector, portals } = portal.bridge;
  return {
    roomId,
    serverName: config.homeserverName,
    userIdOf: async (userId) => {
      const [person] = await portal.logins.usersBehind(userId);
      return (person as UserId | undefined) ?? ghostUserId(connector.id, userId, config);
    },
    displayNameOf: async (userId) => (await portal.ghosts.refresh(client, userId)).displayName,
    roomIdOf: async (chatId) => (chatId === portal.chatId ? roomId : (await portals.byChat(chatId))?.roomId),
    eventIdOf: (messageId) => firstEvent(portal.store.messages, messageId),
    upload: (media) => config.matrix.uploadContent(media),
  };
}
