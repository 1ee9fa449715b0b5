import type { RoomId } from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import { errorText, log } from '../../../platform/log.ts';
import type { RemoteChatInfo } from '../network-client.ts';
import { applyAvatar } from './chat-info.ts';
import type { OpenLogin } from './login-cache.ts';
import type { PortalContext } from './portal-context.ts';
import { setChild } from './space-place.ts';

const maxMembersAtOnce = 20;

/** Directory, space, picture and people of a room that has just been made. Repeatable. */
export async function settleRoom(
  portal: PortalContext,
  open: OpenLogin,
  roomId: RoomId,
  info: RemoteChatInfo,
  parentRoomId: RoomId | undefined,
): Promise<void> {
  const { portals } = portal.bridge;
  const entry = { chatId: portal.chatId, roomId, kind: info.kind, parent: info.parent, name: info.name };
  await portals.put(entry, portal.now());
  await portals.addLogin(portal.chatId, open.login.loginId);
  portal.logins.clear();
  if (parentRoomId) await setChild(portal, parentRoomId, roomId, info);
  await applyAvatar(portal, open, roomId, info);
  for (const member of (info.members ?? []).slice(0, maxMembersAtOnce)) {
    if (member !== open.client.remoteUserId) await portal.ghosts.ensureJoined(open.client, member, roomId);
  }
  await bringIn(portal, open, roomId, info);
}

/**
 * Brings the login's owner into the room: invited by the bot, joined at once where we may act as them. What
 * fails here leaves them invited, which is good enough.
 */
export async function bringIn(
  portal: PortalContext,
  { login, client }: OpenLogin,
  roomId: RoomId,
  info: RemoteChatInfo,
): Promise<void> {
  const { matrix, doublePuppet } = portal.bridge.config;
  const invite = matrix.inviteUser(roomId, login.userId, info.kind === 'dm' ? { is_direct: true } : {});
  await invite.catch(() => undefined);
  if (!doublePuppet) return;
  try {
    const person = doublePuppet.asUser(login.userId);
    await person.joinRoom(roomId);
    const other =
      info.kind === 'dm' ? info.members?.find((member) => member !== client.remoteUserId) : undefined;
    if (!other) return;
    const ghost = await portal.ghosts.ensure(client, other);
    const direct = (await person.getAccountData(login.userId, 'm.direct')) ?? {};
    const changed = withDirectRoom(direct, ghost, roomId);
    if (changed) await person.setAccountData(login.userId, 'm.direct', changed);
  } catch (error) {
    log('warn', 'bridge.owner_not_joined', { roomId, error: errorText(error) });
  }
}

/** `m.direct` with one more room; `undefined` if it has it already. */
export function withDirectRoom(direct: JsonObject, userId: string, roomId: string): JsonObject | undefined {
  const known = isJsonObject(direct) && Array.isArray(direct[userId]) ? direct[userId] : [];
  return known.includes(roomId) ? undefined : { ...direct, [userId]: [...known, roomId] };
}
