import { notFound } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { existingUsers, isLocal } from '../../../services/local-accounts.ts';
import { endpoint } from '../../endpoint.ts';
import { userIdParam } from '../room-requests.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3presenceuseridstatus
 * @note Presence is off here, so everybody is offline.
 */
export const getPresence = endpoint({
  operationId: 'getPresence',
  method: 'GET',
  paths: ['/_matrix/client/v3/presence/{userId}/status', '/_matrix/client/r0/presence/{userId}/status'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const userId = userIdParam(params.userId);
    if (isLocal(userId, config)) {
      const existing = await existingUsers(openD1(env.DB, config.meter), config, [userId]);
      if (!existing.has(userId)) throw notFound('No such user');
    }
    return { presence: 'offline' };
  },
});
