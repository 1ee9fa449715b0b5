import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { leaveAllRooms } from '../../../services/leave-all-rooms.ts';
import { authDataSchema } from '../../../services/user-interactive-auth.ts';
import { deactivateAccount as deactivate } from '../../../storage/d1/accounts.ts';
import { deleteProfile } from '../../../storage/d1/profiles.ts';
import { endpoint } from '../../endpoint.ts';
import { requirePassword } from '../interactive-auth.ts';
import { endAllSessions } from '../login/end-sessions.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3accountdeactivate */
export const deactivateAccount = endpoint({
  operationId: 'deactivateAccount',
  method: 'POST',
  paths: ['/_matrix/client/v3/account/deactivate', '/_matrix/client/r0/account/deactivate'],
  auth: 'accessToken',
  rateLimit: 'login',
  body: v.object({ auth: v.optional(authDataSchema), erase: v.optional(v.boolean(), false) }),
  async handler(call, requester) {
    const { body, env, config, stubs, waitUntil } = call;
    await requirePassword(call, requester, 'deactivateAccount');
    const db = openD1(env.DB, config.meter);
    await deactivate(db, requester.userId, Date.now());
    if (body.erase) await deleteProfile(db, requester.userId);
    const rooms = await stubs.user(requester.userId).joinedRooms();
    await endAllSessions(stubs, requester.userId);
    waitUntil(leaveAllRooms(stubs, requester.userId, rooms));
    return { id_server_unbind_result: 'no-support' };
  },
});
