import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';

/** Of each room that the user has to do with, or had. */
export const adminMemberships = endpoint({
  operationId: 'adminMemberships',
  method: 'GET',
  paths: ['/_synapse/admin/v1/users/{userId}/memberships'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler(call) {
    const { userId } = await localUser(call);
    const memberships = await call.stubs.user(userId).memberships();
    return { memberships, total: Object.keys(memberships).length };
  },
});
