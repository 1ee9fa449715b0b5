import { endpoint } from '../../endpoint.ts';
import { userNotFound } from '../admin-fields.ts';

/** Accounts have no addresses here, so nobody is found. https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#find-a-user-based-on-their-third-party-id-threepid-or-3pid */
export const adminFindByThreepid = endpoint({
  operationId: 'adminFindByThreepid',
  method: 'GET',
  paths: ['/_synapse/admin/v1/threepid/{medium}/users/{address}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler() {
    throw userNotFound();
  },
});
