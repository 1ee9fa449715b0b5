import { forbidden } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { roomIdParam } from '../room-requests.ts';
import { wholeMembers } from './whole-members.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidjoined_members */
export const getJoinedMembersByRoom = endpoint({
  operationId: 'getJoinedMembersByRoom',
  method: 'GET',
  paths: ['/_matrix/client/v3/rooms/{roomId}/joined_members'],
  auth: 'accessToken',
  async handler({ params, stubs }, { userId }) {
    const roomId = roomIdParam(params.roomId);
    const events = await wholeMembers(stubs, roomId, userId, { membership: 'join' });
    // Whoever has left sees the members of then, without himself.
    if (!events.some((event) => event.state_key === userId)) throw forbidden('You are not in that room');
    const joined = events.map(({ state_key: member, content }) => [
      member,
      {
        display_name: content.displayname ?? null,
        avatar_url: content.avatar_url ?? null,
      },
    ]);
    return { joined: Object.fromEntries(joined) };
  },
});
