import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { openTokens } from '../../../services/registration-tokens.ts';
import { listRegistrationTokens } from '../../../storage/d1/registration-tokens.ts';
import { booleanField } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { tokenDetails } from './token-format.ts';

/** The list has no pages. */
const maxTokens = 1000;

/** Without those that make administrators. https://element-hq.github.io/synapse/latest/usage/administration/admin_api/registration_tokens.html#list-all-tokens */
export const adminListRegistrationTokens = endpoint({
  operationId: 'adminListRegistrationTokens',
  method: 'GET',
  paths: ['/_synapse/admin/v1/registration_tokens'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({ valid: v.optional(booleanField) }),
  async handler({ query, env, config }) {
    const db = openD1(env.DB, config.meter);
    const rows = await listRegistrationTokens(db, query.valid, maxTokens, Date.now());
    return { registration_tokens: (await openTokens(config, rows)).map(tokenDetails) };
  },
});
