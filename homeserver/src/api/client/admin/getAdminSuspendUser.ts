import { endpoint } from '../../endpoint.ts';
import { moderatedUser } from './moderated-user.ts';

/** https://spec.matrix.org/v1.18/client-server-api/#get_matrixclientv1adminsuspenduserid */
export const getAdminSuspendUser = endpoint({
  operationId: 'getAdminSuspendUser',
  method: 'GET',
  paths: [
    '/_matrix/client/v1/admin/suspend/{userId}',
    '/_matrix/client/unstable/uk.timedout.msc4323/admin/suspend/{userId}',
  ],
  auth: 'accessToken',
  rateLimit: 'default',

  async handler(call, requester) {
    const userId = await moderatedUser(call, requester, false);
    const { suspended } = await call.stubs.user(userId).restrictions();
    return { suspended };
  },
});
