import type { RoomId } from '../../../../matrix/identifiers.ts';
import type { RemoteChatResync } from '../../remote-event.ts';
import { applyChatInfo } from '../chat-info.ts';
import { done, type LaneResult } from '../lane-result.ts';
import type { OpenLogin } from '../login-cache.ts';
import type { PortalContext } from '../portal-context.ts';
import { bringIn } from '../settle-room.ts';

/** Brings the room into line with the chat, and the login's owner into the room. */
export async function chatResync(
  portal: PortalContext,
  open: OpenLogin,
  roomId: RoomId,
  event: RemoteChatResync,
): Promise<LaneResult> {
  const info = event.info ?? (await open.client.getChatInfo(portal.chatId));
  await applyChatInfo(portal, open, roomId, info);
  const takePart = await portal.logins.ofChat();
  if (!takePart.some(({ login }) => login.loginId === open.login.loginId)) {
    await portal.bridge.portals.addLogin(portal.chatId, open.login.loginId);
    portal.logins.clear();
    await bringIn(portal, open, roomId, info);
  }
  return done;
}
