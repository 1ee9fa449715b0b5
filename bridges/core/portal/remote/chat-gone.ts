import { hashOf } from '../../hash.ts';
import type { RemoteChatGone } from '../../remote-event.ts';
import { applyChatInfo } from '../chat-info.ts';
import { done, type LaneResult } from '../lane-result.ts';
import type { OpenLogin } from '../login-cache.ts';
import type { PortalContext } from '../portal-context.ts';

/** The login leaves the portal. When it was the last one, the room leaves its space and says why. */
export async function chatGone(
  portal: PortalContext,
  open: OpenLogin,
  { version }: RemoteChatGone,
): Promise<LaneResult> {
  const { connector, config, portals } = portal.bridge;
  const { roomId, info } = portal.store.facts.get();
  const logins = await portal.logins.ofChat();
  const isThere = logins.some(({ login }) => login.loginId === open.login.loginId);
  if (!roomId || !info || !isThere) return { kind: 'done', reason: 'not bridged' };
  if (logins.length === 1) {
    const { parent: _, ...withoutParent } = info;
    await applyChatInfo(portal, open, roomId, withoutParent);
    await config.matrix.sendMessage(
      roomId,
      'm.room.message',
      hashOf(connector.id, portal.chatId, 'gone', version),
      { msgtype: 'm.notice', body: `This is no longer there on ${connector.displayName}.`, 'm.mentions': {} },
    );
  }
  await portals.removeLogin(portal.chatId, open.login.loginId);
  portal.logins.clear();
  return done;
}
