import { forbidden, notFound } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { presenceContent } from '../../../protocol/sync/presence.ts';
import { existingUsers, isLocal } from '../../../services/local-accounts.ts';
import { endpoint } from '../../endpoint.ts';
import { userIdParam } from '../room-requests.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3presenceuseridstatus
 * @note Where presence is off, everybody is offline.
 */
export const getPresence = endpoint({
  operationId: 'getPresence',
  method: 'GET',
  paths: ['/_matrix/client/v3/presence/{userId}/status'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ params, env, config, stubs }, requester) {
    const userId = userIdParam(params.userId);
    if (!isLocal(userId, config)) {
      const known = await stubs.user(requester.userId).knownPresence(userId);
      return known && config.presence ? presenceContent(known, Date.now()) : { presence: 'offline' };
    }
    const existing = await existingUsers(openD1(env.DB, config.meter), config, [userId]);
    if (!existing.has(userId)) throw notFound('No such user');
    if (!config.presence) return { presence: 'offline' };
    const rooms = await stubs.user(requester.userId).joinedRooms();
    const presence = await stubs.user(userId).presenceFor(requester.userId, rooms);
    if (!presence) throw forbidden('You share no room with this user');
    return presenceContent(presence, Date.now());
  },
});
