import { openD1 } from '../../../../../platform/d1.ts';
import { tellRoomsOfProfile } from '../../../services/profile-in-rooms.ts';
import { deleteProfileField as deleteField } from '../../../storage/d1/profiles.ts';
import { endpoint } from '../../endpoint.ts';
import { profileFieldPaths } from './paths.ts';
import { fieldName, ownProfile } from './profile-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3profileuseridkeyname */
export const deleteProfileField = endpoint({
  operationId: 'deleteProfileField',
  method: 'DELETE',
  paths: profileFieldPaths,
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ params, env, config, stubs, waitUntil }, requester) {
    const userId = ownProfile(params, requester);
    const name = fieldName(params.keyName ?? '');
    const db = openD1(env.DB, config.meter);
    await deleteField(db, userId, name);
    if (name === 'displayname' || name === 'avatar_url')
      waitUntil(tellRoomsOfProfile(db, { env, stubs }, userId));
    return {};
  },
});
