import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { registrationTokenHash } from '../../../services/register-user.ts';
import { isRegistrationTokenValid } from '../../../storage/d1/registration-tokens.ts';
import { endpoint } from '../../endpoint.ts';
import { shortText } from '../request-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1registermloginregistration_tokenvalidity */
export const registrationTokenValidity = endpoint({
  operationId: 'registrationTokenValidity',
  method: 'GET',
  paths: ['/_matrix/client/v1/register/m.login.registration_token/validity'],
  auth: 'none',
  rateLimit: 'login',
  query: v.object({ token: shortText }),
  async handler({ query, env, config }) {
    const db = openD1(env.DB, config.meter);
    return { valid: await isRegistrationTokenValid(db, registrationTokenHash(query.token), Date.now()) };
  },
});
