import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { restrictUser } from '../../../services/admin/restrict-user.ts';
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
    const db = openD1(call.env.DB, call.config.meter);
    const { locked } = await restrictUser(db, call.stubs, userId, { locked: call.body.locked });
    return { locked };
  },
});
