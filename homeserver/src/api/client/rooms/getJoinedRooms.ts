import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3joined_rooms */
export const getJoinedRooms = endpoint({
  operationId: 'getJoinedRooms',
  method: 'GET',
  paths: ['/_matrix/client/v3/joined_rooms'],
  auth: 'accessToken',
  async handler({ stubs }, { userId }) {
    return { joined_rooms: await stubs.user(userId).joinedRooms() };
  },
});
