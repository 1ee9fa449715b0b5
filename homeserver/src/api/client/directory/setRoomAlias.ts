import * as v from 'valibot';
import { forbidden, invalidParam, MatrixError } from '../../../../../matrix/errors.ts';
import { serverNameOf } from '../../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { requireUnreserved } from '../../../services/alias-names.ts';
import { claimAlias } from '../../../storage/d1/aliases.ts';
import { endpoint } from '../../endpoint.ts';
import { aliasParam, granted, roomIdParam } from '../room-requests.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3directoryroomroomalias */
export const setRoomAlias = endpoint({
  operationId: 'setRoomAlias',
  method: 'PUT',
  paths: ['/_matrix/client/v3/directory/room/{roomAlias}'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ room_id: v.string() }),
  async handler({ body, params, env, config, stubs }, { userId, appservice }) {
    const alias = aliasParam(params.roomAlias);
    const roomId = roomIdParam(body.room_id);
    if (serverNameOf(alias) !== config.serverName) throw invalidParam('Not an alias of this server');
    requireUnreserved(alias, config, appservice);
    const { membership } = granted(await stubs.room(roomId).readPreview(userId));
    if (membership !== 'join') throw forbidden('You are not in this room');
    const db = openD1(env.DB, config.meter);
    if (!(await claimAlias(db, { alias, roomId, creator: userId }, Date.now()))) {
      throw new MatrixError(409, 'M_UNKNOWN', 'This alias is taken');
    }
    return {};
  },
});
