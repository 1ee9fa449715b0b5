import { endpoint } from '../../endpoint.ts';
import { moderatedUser } from './moderated-user.ts';

/** https://spec.matrix.org/v1.18/client-server-api/#get_matrixclientv1adminlockuserid */
export const getAdminLockUser = endpoint({
  operationId: 'getAdminLockUser',
  method: 'GET',
  paths: [
    '/_matrix/client/v1/admin/lock/{userId}',
    '/_matrix/client/unstable/uk.timedout.msc4323/admin/lock/{userId}',
  ],
  auth: 'accessToken',
  rateLimit: 'default',

  async handler(call, requester) {
    const userId = await moderatedUser(call, requester, false);
    const { locked } = await call.stubs.user(userId).restrictions();
    return { locked };
  },
});
