import { openD1 } from '../../../../../platform/d1.ts';
import { isPublished } from '../../../storage/d1/public-rooms.ts';
import { endpoint } from '../../endpoint.ts';
import { roomIdParam } from '../room-requests.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3directorylistroomroomid
 * An unknown room is `private`, so that nobody learns from this which rooms there are.
 */
export const getRoomVisibilityOnDirectory = endpoint({
  operationId: 'getRoomVisibilityOnDirectory',
  method: 'GET',
  paths: ['/_matrix/client/v3/directory/list/room/{roomId}'],
  auth: 'none',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const published = await isPublished(openD1(env.DB, config.meter), roomIdParam(params.roomId));
    return { visibility: published ? 'public' : 'private' };
  },
});
