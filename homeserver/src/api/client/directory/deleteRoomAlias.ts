import { forbidden, notFound } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { unpublishAlias } from '../../../services/canonical-alias.ts';
import { deleteAlias, findAlias } from '../../../storage/d1/aliases.ts';
import { endpoint } from '../../endpoint.ts';
import { aliasParam } from '../room-requests.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3directoryroomroomalias
 * Allowed to who made the alias, and to those who may change which aliases the room publishes.
 */
export const deleteRoomAlias = endpoint({
  operationId: 'deleteRoomAlias',
  method: 'DELETE',
  paths: ['/_matrix/client/v3/directory/room/{roomAlias}'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ params, env, config, stubs }, { userId }) {
    const alias = aliasParam(params.roomAlias);
    const db = openD1(env.DB, config.meter);
    const row = await findAlias(db, alias);
    if (!row) throw notFound('No room has this alias');
    const isAllowed =
      row.creator === userId || (await stubs.room(row.roomId).maySendState(userId, 'm.room.canonical_alias'));
    if (!isAllowed) throw forbidden('You may not delete this alias');
    await deleteAlias(db, alias);
    await unpublishAlias({ env, stubs }, userId, row.roomId, alias);
    return {};
  },
});
