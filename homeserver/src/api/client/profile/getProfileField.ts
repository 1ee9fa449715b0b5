import { notFound } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { profileFieldPaths } from './paths.ts';
import { fieldName, profileOf } from './profile-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3profileuseridkeyname */
export const getProfileField = endpoint({
  operationId: 'getProfileField',
  method: 'GET',
  paths: profileFieldPaths,
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const name = fieldName(call.params.keyName ?? '');
    const profile = await profileOf(call.params, call);
    // A field is told as unset or as missing; only for the two that every user has, unset is no error.
    if (!Object.hasOwn(profile, name) && name !== 'displayname' && name !== 'avatar_url') {
      throw notFound('The profile has no such field');
    }
    return { [name]: profile[name] };
  },
});
