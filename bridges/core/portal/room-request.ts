import type { CreateRoomRequest } from '../../../appservice/client-types.ts';
import type { RoomId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { RemoteChatInfo } from '../network-client.ts';
import type { OpenLogin } from './login-cache.ts';
import type { PortalContext } from './portal-context.ts';

/** What a new portal room is created with, in one request. */
export function roomRequest(
  portal: PortalContext,
  { login }: OpenLogin,
  info: RemoteChatInfo,
  parentRoomId: RoomId | undefined,
  aliasLocalpart: string,
  roomVersion: '12' | undefined,
): CreateRoomRequest {
  const { botUserId } = portal.bridge.config;
  return {
    preset: 'private_chat',
    visibility: 'private',
    room_alias_name: aliasLocalpart,
    name: info.name,
    ...(info.topic ? { topic: info.topic } : {}),
    ...(roomVersion ? { room_version: roomVersion } : {}),
    ...(info.kind === 'space' ? { creation_content: { type: 'm.space' } } : {}),
    is_direct: info.kind === 'dm',
    invite: [login.userId],
    initial_state: [
      // The alias only makes creation repeatable: it is not how people are to know the room.
      { type: 'm.room.canonical_alias', state_key: '', content: {} },
      { type: 'm.room.guest_access', state_key: '', content: { guest_access: 'forbidden' } },
      { type: 'io.element.functional_members', state_key: '', content: { service_members: [botUserId] } },
      ...bridgeState(portal, info),
      ...parentState(portal, parentRoomId),
    ],
    power_level_content_override: powerLevels(portal, login.userId, info, roomVersion),
  };
}

/**
 * The owner may manage the room. In version 12 the creator, our bot, stands above all levels and may not be
 * listed; in the older ones it has to be.
 */
function powerLevels(
  portal: PortalContext,
  ownerId: string,
  info: RemoteChatInfo,
  roomVersion: '12' | undefined,
): JsonObject {
  const bot = roomVersion === '12' ? {} : { [portal.bridge.config.botUserId]: 100 };
  return {
    users: { ...bot, [ownerId]: roomVersion === '12' ? 100 : 95 },
    users_default: 0,
    events_default: info.kind === 'space' ? 50 : 0,
    state_default: 50,
    invite: 50,
    kick: 50,
    ban: 50,
    redact: 50,
    notifications: { room: 50 },
  };
}

/** MSC2346: what the room is bridged to, under both names in use. */
export function bridgeState(
  portal: PortalContext,
  info: RemoteChatInfo,
): { type: string; state_key: string; content: JsonObject }[] {
  const { connector, config } = portal.bridge;
  const content: JsonObject = {
    bridgebot: config.botUserId,
    creator: config.botUserId,
    protocol: { id: connector.id, displayname: connector.displayName, external_url: connector.url },
    channel: {
      id: portal.chatId,
      displayname: info.name,
      ...(info.externalUrl ? { external_url: info.externalUrl } : {}),
    },
    'com.beeper.room_type.v2': info.kind,
    ...(info.kind === 'dm' ? { 'com.beeper.room_type': 'dm' } : {}),
  };
  const stateKey = `${connector.id}/${portal.chatId}`;
  return ['m.bridge', 'uk.half-shot.bridge'].map((type) => ({ type, state_key: stateKey, content }));
}

function parentState(
  portal: PortalContext,
  parentRoomId: RoomId | undefined,
): { type: string; state_key: string; content: JsonObject }[] {
  if (!parentRoomId) return [];
  const content = { via: [portal.bridge.config.homeserverName], canonical: true };
  return [{ type: 'm.space.parent', state_key: parentRoomId, content }];
}
