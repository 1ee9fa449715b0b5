import { endpoint } from '../../endpoint.ts';
import { profileOf } from './profile-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3profileuserid */
export const getUserProfile = endpoint({
  operationId: 'getUserProfile',
  method: 'GET',
  paths: ['/_matrix/client/v3/profile/{userId}'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    return profileOf(call.params, call);
  },
});
