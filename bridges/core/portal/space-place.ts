import type { RoomId } from '../../../matrix/identifiers.ts';
import type { RemoteChatInfo } from '../network-client.ts';
import { portalOf } from '../portal-stub.ts';
import type { RemoteChatId } from '../remote-ids.ts';
import { RetryLater } from '../send-outcome.ts';
import type { OpenLogin } from './login-cache.ts';
import type { PortalContext } from './portal-context.ts';

/** The room of the space that contains this chat, made by its own portal if there is none. */
export async function parentRoom(
  portal: PortalContext,
  { login }: OpenLogin,
  parent: RemoteChatId,
): Promise<RoomId> {
  const result = await portalOf(portal.bridge.env, parent).ensureRoom(login.loginId);
  if (result.kind === 'retry') throw new RetryLater(result.afterMs, `parent: ${result.reason}`);
  return result.roomId as RoomId;
}

/** The room's place in its space. */
export async function setChild(
  portal: PortalContext,
  parentRoomId: RoomId,
  roomId: RoomId,
  info: RemoteChatInfo,
): Promise<void> {
  const { matrix, homeserverName } = portal.bridge.config;
  await matrix.setRoomStateWithKey(parentRoomId, 'm.space.child', roomId, {
    via: [homeserverName],
    ...(info.order ? { order: info.order } : {}),
  });
}
