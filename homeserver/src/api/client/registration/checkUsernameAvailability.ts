import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { checkNameIsFree, userIdForName } from '../../../services/register-user.ts';
import { endpoint } from '../../endpoint.ts';
import { shortText } from '../request-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3registeravailable */
export const checkUsernameAvailability = endpoint({
  operationId: 'checkUsernameAvailability',
  method: 'GET',
  paths: ['/_matrix/client/v3/register/available'],
  auth: 'none',
  rateLimit: 'login',
  query: v.object({ username: shortText }),
  async handler({ query, env, config }) {
    await checkNameIsFree(openD1(env.DB, config.meter), config, userIdForName(query.username, config));
    return { available: true };
  },
});
