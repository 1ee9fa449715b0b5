import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { restrictUser } from '../../../services/admin/restrict-user.ts';
import { endpoint } from '../../endpoint.ts';
import { moderatedUser } from './moderated-user.ts';

/** https://spec.matrix.org/v1.18/client-server-api/#put_matrixclientv1adminsuspenduserid */
export const setAdminSuspendUser = endpoint({
  operationId: 'setAdminSuspendUser',
  method: 'PUT',
  paths: [
    '/_matrix/client/v1/admin/suspend/{userId}',
    '/_matrix/client/unstable/uk.timedout.msc4323/admin/suspend/{userId}',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ suspended: v.boolean() }),
  async handler(call, requester) {
    const userId = await moderatedUser(call, requester, true);
    const db = openD1(call.env.DB, call.config.meter);
    const { suspended } = await restrictUser(db, call.stubs, userId, { suspended: call.body.suspended });
    return { suspended };
  },
});
