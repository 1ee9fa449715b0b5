import type { MatrixConversion } from '../../network-client.ts';
import type { RemoteChatId, RemoteUserId } from '../../remote-ids.ts';
import type { PortalContext } from '../portal-context.ts';

/** Answers what a conversion from Matrix asks. */
export function matrixConversion(portal: PortalContext): MatrixConversion {
  const { config, portals } = portal.bridge;
  return {
    remoteUserOf: (userId) => remoteUserOf(portal, userId),
    remoteChatOf: async (room): Promise<RemoteChatId | undefined> => {
      const roomId = room.startsWith('#') ? (await config.matrix.getRoomIdByAlias(room))?.room_id : room;
      return roomId === undefined ? undefined : (await portals.byRoom(roomId))?.chatId;
    },
    remoteMessageOf: (eventId) => portal.store.messages.ofEvent(eventId)[0]?.messageId,
    download: (mxc) => config.matrix.getContentAuthed(mxc),
  };
}

async function remoteUserOf(portal: PortalContext, userId: string): Promise<RemoteUserId | undefined> {
  const puppet = await portal.bridge.puppets.byUser(userId);
  if (puppet) return puppet.remoteUserId;
  const logins = await portal.logins.ofChat();
  return logins.find(({ login }) => login.userId === userId)?.login.remoteUserId;
}
