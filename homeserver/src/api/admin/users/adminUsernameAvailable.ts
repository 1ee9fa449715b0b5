import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { checkNameIsFree, userIdForName } from '../../../services/register-user.ts';
import { shortText } from '../../client/request-fields.ts';
import { endpoint } from '../../endpoint.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#check-username-availability */
export const adminUsernameAvailable = endpoint({
  operationId: 'adminUsernameAvailable',
  method: 'GET',
  paths: ['/_synapse/admin/v1/username_available'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({ username: shortText }),
  async handler({ query, env, config }) {
    await checkNameIsFree(openD1(env.DB, config.meter), config, userIdForName(query.username, config));
    return { available: true };
  },
});
