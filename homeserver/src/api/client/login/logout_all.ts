import { endpoint } from '../../endpoint.ts';
import { endAllSessions } from './end-sessions.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3logoutall */
export const logout_all = endpoint({
  operationId: 'logout_all',
  method: 'POST',
  paths: ['/_matrix/client/v3/logout/all'],
  auth: 'accessToken',
  async handler({ stubs }, { userId }) {
    await endAllSessions(stubs, userId);
    return {};
  },
});
