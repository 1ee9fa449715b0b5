import { profileTooLarge } from '../../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { tellRoomsOfProfile } from '../../../services/profile-in-rooms.ts';
import { deleteProfileField, writeProfileField } from '../../../storage/d1/profiles.ts';
import { endpoint } from '../../endpoint.ts';
import { profileFieldPaths } from './paths.ts';
import { fieldName, fieldValue, ownProfile, profileBody } from './profile-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3profileuseridkeyname */
export const setProfileField = endpoint({
  operationId: 'setProfileField',
  method: 'PUT',
  paths: profileFieldPaths,
  auth: 'accessToken',
  rateLimit: 'default',
  body: profileBody,
  async handler({ params, body, env, config, stubs, waitUntil }, requester) {
    const userId = ownProfile(params, requester);
    const name = fieldName(params.keyName ?? '');
    const value = fieldValue(name, body as JsonObject);
    const db = openD1(env.DB, config.meter);
    if (value === undefined) await deleteProfileField(db, userId, name);
    else if (!(await writeProfileField(db, userId, name, value))) throw profileTooLarge();
    if (name === 'displayname' || name === 'avatar_url')
      waitUntil(tellRoomsOfProfile(db, { env, stubs }, userId));
    return {};
  },
});
