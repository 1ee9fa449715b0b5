import type { RoomId, UserId } from '../../../../matrix/identifiers.ts';
import { ghostUserId } from '../../ghost-names.ts';
import type { RemoteConversion } from '../../network-client.ts';
import { refreshPuppet } from '../../puppet-profile.ts';
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
    displayNameOf: async (userId) =>
      (await refreshPuppet(portal.bridge, client, userId, portal.now())).displayName,
    chat: (chatId) => portals.byChat(chatId),
    eventIdOf: (messageId) => firstEvent(portal.store.messages, messageId),
    upload: (media) => config.matrix.uploadContent(media),
  };
}
