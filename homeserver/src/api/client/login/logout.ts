import { endpoint } from '../../endpoint.ts';
import { endSessions } from './end-sessions.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3logout */
export const logout = endpoint({
  operationId: 'logout',
  method: 'POST',
  paths: ['/_matrix/client/v3/logout'],
  auth: 'accessToken',
  async handler({ stubs }, { userId, deviceId }) {
    await endSessions(stubs, userId, [deviceId]);
    return {};
  },
});
