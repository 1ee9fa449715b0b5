import { endpoint } from '../../endpoint.ts';
import { userNotFound } from '../admin-fields.ts';

/** Accounts are linked to no other provider here, so nobody is found. https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#find-a-user-based-on-their-id-in-an-auth-provider */
export const adminFindByExternalId = endpoint({
  operationId: 'adminFindByExternalId',
  method: 'GET',
  paths: ['/_synapse/admin/v1/auth_providers/{provider}/users/{externalId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler() {
    throw userNotFound();
  },
});
