import { openD1 } from '../../../../../platform/d1.ts';
import { findUserByIdentity } from '../../../storage/d1/external-identities.ts';
import { endpoint } from '../../endpoint.ts';
import { userNotFound } from '../admin-fields.ts';
import { externalProvider } from './external-ids.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#find-a-user-based-on-their-id-in-an-auth-provider */
export const adminFindByExternalId = endpoint({
  operationId: 'adminFindByExternalId',
  method: 'GET',
  paths: ['/_synapse/admin/v1/auth_providers/{provider}/users/{externalId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const { provider, externalId = '' } = params;
    if (!config.upstream || provider !== externalProvider) throw userNotFound();
    const db = openD1(env.DB, config.meter);
    const userId = await findUserByIdentity(db, { issuer: config.upstream.issuer, subject: externalId });
    if (!userId) throw userNotFound();
    return { user_id: userId };
  },
});
