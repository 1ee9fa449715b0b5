import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { moderatedUser } from './moderated-user.ts';

/** https://spec.matrix.org/v1.18/client-server-api/#put_matrixclientv1adminlockuserid */
export const setAdminLockUser = endpoint({
  operationId: 'setAdminLockUser',
  method: 'PUT',
  paths: [
    '/_matrix/client/v1/admin/lock/{userId}',
    '/_matrix/client/unstable/uk.timedout.msc4323/admin/lock/{userId}',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ locked: v.boolean() }),
  async handler(call, requester) {
    const userId = await moderatedUser(call, requester, true);
    const { locked } = await call.stubs.user(userId).restrict({ locked: call.body.locked });
    return { locked };
  },
});
