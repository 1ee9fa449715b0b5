import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';

/**
 * Features that are switched for single users: there are none.
 * https://element-hq.github.io/synapse/latest/admin_api/experimental_features.html#listing-enabled-features
 */
export const adminGetFeatures = endpoint({
  operationId: 'adminGetFeatures',
  method: 'GET',
  paths: ['/_synapse/admin/v1/experimental_features/{userId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler(call) {
    await localUser(call);
    return { features: {} };
  },
});
