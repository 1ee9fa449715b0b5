import * as v from 'valibot';
import { notFound } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { existingUsers, isLocal } from '../../../services/local-accounts.ts';
import { report } from '../../../services/report.ts';
import { endpoint } from '../../endpoint.ts';
import { userIdParam } from '../room-requests.ts';
import { reasonText } from './report-reason.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3usersuseridreport
 * Whether there is a user of another server is not known here.
 */
export const reportUser = endpoint({
  operationId: 'reportUser',
  method: 'POST',
  paths: [
    '/_matrix/client/v3/users/{userId}/report',
    '/_matrix/client/unstable/org.matrix.msc4260/users/{userId}/report',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ reason: reasonText }),
  async handler({ body, params, env, config }, requester) {
    const userId = userIdParam(params.userId);
    const db = openD1(env.DB, config.meter);
    if (isLocal(userId, config) && !(await existingUsers(db, config, [userId])).has(userId)) {
      throw notFound('No such user');
    }
    await report(db, { reporter: requester.userId, userId, reason: body.reason }, Date.now());
    return {};
  },
});
