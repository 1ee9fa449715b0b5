import { p } from '../../attacks/lib/attacker.ts';
import type { Cases } from '../lib/case.ts';

const strange = '99 bottles';

/** Creation, state, directory and what is told of rooms. */
export const rooms: Cases = {
  createRoom: {
    '200': () => ({ body: { name: 'A room', topic: 'Of one' } }),
    '400 M_BAD_JSON': () => ({ body: { invite: 'everybody' } }),
    '400 M_NOT_JSON': () => ({ raw: '{' }),
    '400 M_INVALID_ROOM_STATE': () => ({ body: { power_level_content_override: { users_default: 'high' } } }),
    '400 M_ROOM_IN_USE': () => ({ body: { room_alias_name: 'square' } }),
    '400 M_UNSUPPORTED_ROOM_VERSION': () => ({ body: { room_version: strange } }),
    '403 M_INVITE_BLOCKED': async (world) => ({ body: { invite: [(await world.hermit()).userId] } }),
  },
  getJoinedRooms: { '200': () => ({}) },
  upgradeRoom: {
    '200': async ({ olive }) => ({
      params: { roomId: await olive.createRoom({ room_version: '11' }) },
      body: { new_version: '12' },
    }),
    '400 M_UNSUPPORTED_ROOM_VERSION': ({ privateRoomId }) => ({
      params: { roomId: privateRoomId },
      body: { new_version: strange },
    }),
    '403 M_FORBIDDEN': ({ roomId, mallory }) => ({
      by: mallory,
      params: { roomId },
      body: { new_version: '12' },
    }),
  },
  getRoomSummary: {
    '200': ({ roomId, mallory }) => ({ by: mallory, params: { roomIdOrAlias: roomId } }),
    '404 M_NOT_FOUND': ({ privateRoomId }) => ({ by: null, params: { roomIdOrAlias: privateRoomId } }),
  },
  getSpaceHierarchy: {
    '200': ({ roomId }) => ({ params: { roomId } }),
    '400 M_INVALID_PARAM': ({ roomId }) => ({ params: { roomId }, query: { from: 'nonsense' } }),
    '403 M_FORBIDDEN': ({ privateRoomId, mallory }) => ({ by: mallory, params: { roomId: privateRoomId } }),
  },
  getMutualRooms: {
    '200': ({ mallory }) => ({ query: { user_id: mallory.userId } }),
    '400 M_INVALID_PARAM': ({ olive }) => ({ query: { user_id: olive.userId } }),
  },
  roomInitialSync: {
    '200': ({ roomId }) => ({ params: { roomId } }),
    '403': ({ privateRoomId, mallory }) => ({ by: mallory, params: { roomId: privateRoomId } }),
  },
  getRoomState: {
    '200': ({ roomId }) => ({ params: { roomId } }),
    '403': ({ privateRoomId, mallory }) => ({ by: mallory, params: { roomId: privateRoomId } }),
  },
  getRoomStateWithKey: {
    '200': ({ roomId }) => ({ params: { roomId, eventType: 'm.room.create', stateKey: '' } }),
    '403': ({ privateRoomId, mallory }) => ({
      by: mallory,
      params: { roomId: privateRoomId, eventType: 'm.room.create', stateKey: '' },
    }),
    '404': ({ roomId }) => ({ params: { roomId, eventType: 'org.example.none', stateKey: '' } }),
  },
  setRoomStateWithKey: {
    '200': ({ roomId }) => ({
      params: { roomId, eventType: 'm.room.topic', stateKey: '' },
      body: { topic: 'dawn' },
    }),
    '400 M_BAD_ALIAS': ({ roomId, serverName }) => ({
      params: { roomId, eventType: 'm.room.canonical_alias', stateKey: '' },
      body: { alias: `#nowhere:${serverName}` },
    }),
    '400 M_INVALID_PARAM': ({ roomId }) => ({
      params: { roomId, eventType: 'm.room.canonical_alias', stateKey: '' },
      body: { alias: 'no alias' },
    }),
    '403 M_FORBIDDEN': ({ roomId, mallory }) => ({
      by: mallory,
      params: { roomId, eventType: 'm.room.topic', stateKey: '' },
      body: { topic: 'dusk' },
    }),
    '403 M_INVITE_BLOCKED': async (world) => ({
      params: { roomId: world.roomId, eventType: 'm.room.member', stateKey: (await world.hermit()).userId },
      body: { membership: 'invite' },
    }),
  },
  getMembersByRoom: {
    '200': ({ roomId }) => ({ params: { roomId } }),
    '403': ({ privateRoomId, mallory }) => ({ by: mallory, params: { roomId: privateRoomId } }),
  },
  getJoinedMembersByRoom: {
    '200': ({ roomId }) => ({ params: { roomId } }),
    '403': ({ privateRoomId, mallory }) => ({ by: mallory, params: { roomId: privateRoomId } }),
  },

  getRoomIdByAlias: {
    '200': ({ alias }) => ({ by: null, params: { roomAlias: alias } }),
    '400 M_INVALID_PARAM': () => ({ by: null, params: { roomAlias: 'square' } }),
    '404 M_NOT_FOUND': ({ serverName }) => ({ by: null, params: { roomAlias: `#nowhere:${serverName}` } }),
  },
  setRoomAlias: {
    '200': ({ roomId, serverName }) => ({
      params: { roomAlias: `#second:${serverName}` },
      body: { room_id: roomId },
    }),
    '400 M_INVALID_PARAM': ({ roomId }) => ({ params: { roomAlias: 'square' }, body: { room_id: roomId } }),
    '409 M_UNKNOWN': ({ roomId, alias }) => ({ params: { roomAlias: alias }, body: { room_id: roomId } }),
  },
  deleteRoomAlias: {
    '200': async ({ olive, roomId, serverName }) => {
      const roomAlias = `#going:${serverName}`;
      await olive.ok('PUT', p`/v3/directory/room/${roomAlias}`, { room_id: roomId });
      return { params: { roomAlias } };
    },
    '404 M_NOT_FOUND': ({ serverName }) => ({ params: { roomAlias: `#nowhere:${serverName}` } }),
  },
  getLocalAliases: {
    '200': ({ roomId }) => ({ params: { roomId } }),
    '400 M_INVALID_PARAM': () => ({ params: { roomId: 'square' } }),
    '403 M_FORBIDDEN': ({ privateRoomId, mallory }) => ({ by: mallory, params: { roomId: privateRoomId } }),
  },
  getRoomVisibilityOnDirectory: {
    '200': ({ roomId }) => ({ by: null, params: { roomId } }),
    '400': () => ({ by: null, params: { roomId: 'square' } }),
  },
  setRoomVisibilityOnDirectory: {
    '200': ({ roomId }) => ({ params: { roomId }, body: { visibility: 'public' } }),
    '403': ({ roomId, mallory }) => ({ by: mallory, params: { roomId }, body: { visibility: 'private' } }),
  },
  updateAppserviceRoomDirectoryVisibility: {
    '200': (world) => ({
      by: world.asToken('good'),
      params: { networkId: 'home', roomId: world.roomId },
      body: { visibility: 'public' },
    }),
    '403': ({ roomId }) => ({ params: { networkId: 'home', roomId }, body: { visibility: 'public' } }),
    '404': (world) => ({
      by: world.asToken('good'),
      params: { networkId: 'home', roomId: world.privateRoomId },
      body: { visibility: 'public' },
    }),
  },
  getPublicRooms: { '200': () => ({ by: null }) },
  queryPublicRooms: { '200': () => ({ body: { filter: { generic_search_term: 'room' } } }) },

  reportRoom: {
    '200': ({ roomId }) => ({ params: { roomId }, body: { reason: 'noise' } }),
  },
  reportEvent: {
    '200': ({ roomId, eventId }) => ({ params: { roomId, eventId }, body: { reason: 'noise' } }),
    '404 M_NOT_FOUND': ({ privateRoomId, eventId, mallory }) => ({
      by: mallory,
      params: { roomId: privateRoomId, eventId },
      body: { reason: 'noise' },
    }),
  },
  reportUser: {
    '200': ({ mallory }) => ({ params: { userId: mallory.userId }, body: { reason: 'noise' } }),
    '404 M_NOT_FOUND': ({ serverName }) => ({
      params: { userId: `@nobody:${serverName}` },
      body: { reason: 'noise' },
    }),
  },
};
