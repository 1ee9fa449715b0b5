import { MatrixApiError } from '../../../appservice/matrix-api-error.ts';
import type { RoomId } from '../../../matrix/identifiers.ts';
import { roomAliasLocalpart } from '../ghost-names.ts';
import type { RemoteChatInfo } from '../network-client.ts';
import type { OpenLogin } from './login-cache.ts';
import type { PortalContext } from './portal-context.ts';
import { roomRequest } from './room-request.ts';
import { settleRoom } from './settle-room.ts';
import { parentRoom } from './space-place.ts';

/**
 * The room of a portal, made if there is none. Each step can be repeated, so that a crash anywhere leaves no
 * second room: (1) the parent's room; (2) the room, under an alias that only one room can have; (3) the
 * directory, the space, the people; (4) ready.
 * @param told the chat as it is, if it need not be asked for
 * @throws RetryLater and what the network and the homeserver throw
 */
export async function ensureRoom(
  portal: PortalContext,
  open: OpenLogin,
  told?: RemoteChatInfo,
): Promise<RoomId> {
  const facts = portal.store.facts.get();
  if (facts.roomId && facts.roomReady) return facts.roomId;
  const info = told ?? (await open.client.getChatInfo(portal.chatId));
  const parentRoomId = info.parent === undefined ? undefined : await parentRoom(portal, open, info.parent);
  const roomId = facts.roomId ?? (await makeRoom(portal, open, info, parentRoomId));
  portal.store.facts.setRoom(roomId);
  await settleRoom(portal, open, roomId, info, parentRoomId);
  portal.store.facts.setRoomReady(info);
  return roomId;
}

async function makeRoom(
  portal: PortalContext,
  open: OpenLogin,
  info: RemoteChatInfo,
  parentRoomId: RoomId | undefined,
): Promise<RoomId> {
  const { config, connector, portals } = portal.bridge;
  const known = await portals.byChat(portal.chatId);
  if (known) return known.roomId;
  const alias = roomAliasLocalpart(connector.id, portal.chatId);
  try {
    return await config.matrix.createRoom(roomRequest(portal, open, info, parentRoomId, alias, '12'));
  } catch (error) {
    const errcode = error instanceof MatrixApiError ? error.errcode : '';
    if (errcode === 'M_UNSUPPORTED_ROOM_VERSION') {
      return config.matrix.createRoom(roomRequest(portal, open, info, parentRoomId, alias, undefined));
    }
    if (errcode !== 'M_ROOM_IN_USE') throw error;
    const taken = await config.matrix.getRoomIdByAlias(`#${alias}:${config.homeserverName}`);
    if (!taken) throw error;
    return taken.room_id;
  }
}
