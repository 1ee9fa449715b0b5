import { p } from '../../attacks/lib/attacker.ts';
import type { Cases } from '../lib/case.ts';
import type { World } from '../lib/world.ts';

/** A room of Olive's that somebody else is in. */
async function withMember(world: World) {
  const member = world.administrator;
  const roomId = await world.olive.createRoom({ preset: 'public_chat' });
  await member.ok('POST', p`/v3/join/${roomId}`, {});
  return { roomId, member };
}

async function byMemberAgainstOlive(world: World) {
  const { roomId, member } = await withMember(world);
  return { by: member, params: { roomId }, body: { user_id: world.olive.userId } };
}

const knockable = {
  initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
};

export const membership: Cases = {
  inviteUser: {
    '200': async (world) => ({
      params: { roomId: await world.olive.createRoom() },
      body: { user_id: world.mallory.userId },
    }),
    '400 M_BAD_JSON': ({ roomId }) => ({ params: { roomId }, body: { user_id: 7 } }),
    '400 M_NOT_JSON': ({ roomId }) => ({ params: { roomId }, raw: '{' }),
    '403 M_FORBIDDEN': ({ privateRoomId, mallory, administrator }) => ({
      by: mallory,
      params: { roomId: privateRoomId },
      body: { user_id: administrator.userId },
    }),
    '403 M_INVITE_BLOCKED': async (world) => ({
      params: { roomId: world.privateRoomId },
      body: { user_id: (await world.hermit()).userId },
    }),
  },
  inviteBy3PID: {
    '403 M_THREEPID_DENIED': ({ privateRoomId }) => ({
      params: { roomId: privateRoomId },
      body: { id_server: 'id.test', id_access_token: 'x', medium: 'email', address: 'a@example.org' },
    }),
  },
  joinRoom: {
    '200': ({ administrator, alias }) => ({
      by: administrator,
      params: { roomIdOrAlias: alias },
      body: {},
    }),
    '403 M_FORBIDDEN': ({ privateRoomId, mallory }) => ({
      by: mallory,
      params: { roomIdOrAlias: privateRoomId },
      body: {},
    }),
  },
  joinRoomById: {
    '200': ({ administrator, roomId }) => ({ by: administrator, params: { roomId }, body: {} }),
    '403 M_FORBIDDEN': ({ privateRoomId, mallory }) => ({
      by: mallory,
      params: { roomId: privateRoomId },
      body: {},
    }),
  },
  knockRoom: {
    '200': async ({ olive, mallory }) => ({
      by: mallory,
      params: { roomIdOrAlias: await olive.createRoom(knockable) },
      body: {},
    }),
    '403 M_FORBIDDEN': ({ privateRoomId, mallory }) => ({
      by: mallory,
      params: { roomIdOrAlias: privateRoomId },
      body: {},
    }),
    '404 M_NOT_FOUND': ({ mallory, serverName }) => ({
      by: mallory,
      params: { roomIdOrAlias: `#nowhere:${serverName}` },
      body: {},
    }),
  },
  leaveRoom: {
    '200': async (world) => {
      const { roomId, member } = await withMember(world);
      return { by: member, params: { roomId }, body: {} };
    },
    '403': ({ roomId, mallory }) => ({ by: mallory, params: { roomId }, body: {} }),
  },
  forgetRoom: {
    '200': async (world) => {
      const { roomId, member } = await withMember(world);
      await member.ok('POST', p`/v3/rooms/${roomId}/leave`, {});
      return { by: member, params: { roomId }, body: {} };
    },
    '400 M_UNKNOWN': ({ roomId }) => ({ params: { roomId }, body: {} }),
  },
  kick: {
    '200': async (world) => {
      const { roomId, member } = await withMember(world);
      return { params: { roomId }, body: { user_id: member.userId } };
    },
    '403 M_FORBIDDEN': byMemberAgainstOlive,
  },
  ban: {
    '200': async (world) => {
      const { roomId, member } = await withMember(world);
      return { params: { roomId }, body: { user_id: member.userId, reason: 'noise' } };
    },
    '403 M_FORBIDDEN': byMemberAgainstOlive,
  },
  unban: {
    '200': async (world) => {
      const { roomId, member } = await withMember(world);
      await world.olive.ok('POST', p`/v3/rooms/${roomId}/ban`, { user_id: member.userId });
      return { params: { roomId }, body: { user_id: member.userId } };
    },
    '403 M_FORBIDDEN': async (world) => {
      const { roomId, member } = await withMember(world);
      await world.olive.ok('POST', p`/v3/rooms/${roomId}/ban`, { user_id: world.mallory.userId });
      return { by: member, params: { roomId }, body: { user_id: world.mallory.userId } };
    },
  },
};
