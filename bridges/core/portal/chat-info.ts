import type { RoomId } from '../../../matrix/identifiers.ts';
import { errorText, log } from '../../../platform/log.ts';
import type { RemoteChatInfo } from '../network-client.ts';
import type { OpenLogin } from './login-cache.ts';
import type { PortalContext } from './portal-context.ts';
import { bridgeState } from './room-request.ts';
import { parentRoom, setChild } from './space-place.ts';

/** Brings a room that is there into line with its chat: only what differs from what it was last given. */
export async function applyChatInfo(
  portal: PortalContext,
  open: OpenLogin,
  roomId: RoomId,
  info: RemoteChatInfo,
): Promise<void> {
  const { matrix } = portal.bridge.config;
  const old = portal.store.facts.get().info;
  if (old?.name !== info.name) {
    await matrix.setRoomStateWithKey(roomId, 'm.room.name', '', { name: info.name });
    for (const { type, state_key, content } of bridgeState(portal, info)) {
      await matrix.setRoomStateWithKey(roomId, type, state_key, content);
    }
  }
  if ((old?.topic ?? '') !== (info.topic ?? '')) {
    await matrix.setRoomStateWithKey(roomId, 'm.room.topic', '', { topic: info.topic ?? '' });
  }
  if (old?.parent !== info.parent || old?.order !== info.order) await move(portal, open, roomId, info, old);
  await applyAvatar(portal, open, roomId, info);
  if (old?.name !== info.name || old.parent !== info.parent || old.kind !== info.kind) {
    const entry = { chatId: portal.chatId, roomId, kind: info.kind, parent: info.parent, name: info.name };
    await portal.bridge.portals.put(entry, portal.now());
  }
  portal.store.facts.setInfo(info);
}

/** A picture that cannot be had is tried again with the next resync. */
export async function applyAvatar(
  portal: PortalContext,
  { client }: OpenLogin,
  roomId: RoomId,
  info: RemoteChatInfo,
): Promise<void> {
  const avatarId = info.avatarId ?? info.avatarUrl;
  if (!info.avatarUrl || !client.avatars || avatarId === undefined) return;
  if (avatarId === portal.store.facts.get().avatarId) return;
  try {
    const { matrix } = portal.bridge.config;
    const url = await matrix.uploadContent(await client.avatars.load(info.avatarUrl));
    await matrix.setRoomStateWithKey(roomId, 'm.room.avatar', '', { url });
    portal.store.facts.setAvatar(avatarId);
  } catch (error) {
    log('warn', 'bridge.avatar_failed', { roomId, error: errorText(error) });
  }
}

async function move(
  portal: PortalContext,
  open: OpenLogin,
  roomId: RoomId,
  info: RemoteChatInfo,
  old: RemoteChatInfo | undefined,
): Promise<void> {
  const { matrix } = portal.bridge.config;
  if (old?.parent && old.parent !== info.parent) {
    const oldRoomId = await parentRoom(portal, open, old.parent);
    await matrix.setRoomStateWithKey(oldRoomId, 'm.space.child', roomId, {});
    await matrix.setRoomStateWithKey(roomId, 'm.space.parent', oldRoomId, {});
  }
  if (!info.parent) return;
  const parentRoomId = await parentRoom(portal, open, info.parent);
  await setChild(portal, parentRoomId, roomId, info);
  if (old?.parent !== info.parent) {
    const content = { via: [portal.bridge.config.homeserverName], canonical: true };
    await matrix.setRoomStateWithKey(roomId, 'm.space.parent', parentRoomId, content);
  }
}
