import * as v from 'valibot';
import { invalidParam, MatrixError } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { appendEvent } from '../../../services/append-event.ts';
import { joinRoom } from '../../../services/join-room.ts';
import { isLocal } from '../../../services/local-accounts.ts';
import { memberContent } from '../../../services/member-content.ts';
import { readAccount } from '../../../storage/d1/accounts.ts';
import { granted, resolveRoom, userIdField } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { userNotFound } from '../admin-fields.ts';

/**
 * A local user joins a room. If it takes an invitation, the administrator gives it, and so has to be in the room.
 * https://element-hq.github.io/synapse/latest/admin_api/room_membership.html
 */
export const adminJoinUser = endpoint({
  operationId: 'adminJoinUser',
  method: 'POST',
  paths: ['/_synapse/admin/v1/join/{roomIdOrAlias}'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({ user_id: userIdField }),
  async handler(call, requester) {
    const { body, params, env, config, stubs } = call;
    const userId = body.user_id;
    const db = openD1(env.DB, config.meter);
    const roomId = await resolveRoom(call, params.roomIdOrAlias);
    if (!isLocal(userId, config)) throw invalidParam('user_id: belongs to another server');
    const account = await readAccount(db, userId);
    if (!account || account.deactivatedMs !== null) throw userNotFound();
    const join = () => joinRoom({ db, env, config, stubs }, roomId, userId, {});
    try {
      await join();
    } catch (error) {
      if (!(error instanceof MatrixError) || error.status !== 403) throw error;
      const content = await memberContent(db, config, userId, 'invite');
      const invite = { sender: requester.userId, type: 'm.room.member', stateKey: userId, content };
      granted(await appendEvent({ env, stubs }, roomId, invite));
      await join();
    }
    return { room_id: roomId };
  },
});
