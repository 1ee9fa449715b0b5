import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { report } from '../../../services/report.ts';
import { endpoint } from '../../endpoint.ts';
import { roomIdParam } from '../room-requests.ts';
import { reasonText } from './report-reason.ts';

/**
 * https://spec.matrix.org/v1.18/client-server-api/#post_matrixclientv3roomsroomidreport
 * Nobody learns from the answer whether there is such a room; who left it may report it, too.
 */
export const reportRoom = endpoint({
  operationId: 'reportRoom',
  method: 'POST',
  paths: [
    '/_matrix/client/v3/rooms/{roomId}/report',
    '/_matrix/client/unstable/org.matrix.msc4151/rooms/{roomId}/report',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ reason: reasonText }),
  async handler({ body, params, env, config }, { userId }) {
    const roomId = roomIdParam(params.roomId);
    const { reason } = body;
    await report(openD1(env.DB, config.meter), { reporter: userId, roomId, reason }, Date.now());
    return {};
  },
});
