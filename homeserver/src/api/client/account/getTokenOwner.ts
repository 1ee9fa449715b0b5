import { forbidden } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { existingUsers } from '../../../services/local-accounts.ts';
import { endpoint } from '../../endpoint.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3accountwhoami
 * @note For an application service it tells whether the asserted user is registered; bridges ask it so.
 */
export const getTokenOwner = endpoint({
  operationId: 'getTokenOwner',
  method: 'GET',
  paths: ['/_matrix/client/v3/account/whoami'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ url, env, config }, { userId, deviceId, appservice }) {
    if (!appservice) return { user_id: userId, device_id: deviceId, is_guest: false };
    const existing = await existingUsers(openD1(env.DB, config.meter), config, [userId]);
    if (!existing.has(userId)) throw forbidden('This user is not registered');
    const hasDevice =
      url.searchParams.has('device_id') || url.searchParams.has('org.matrix.msc3202.device_id');
    return { user_id: userId, ...(hasDevice && { device_id: deviceId }), is_guest: false };
  },
});
