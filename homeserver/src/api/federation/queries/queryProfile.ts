import * as v from 'valibot';
import { invalidParam, notFound } from '../../../../../matrix/errors.ts';
import { parseUserId, serverNameOf } from '../../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { existingUsers } from '../../../services/local-accounts.ts';
import { readProfile } from '../../../storage/d1/profiles.ts';
import { endpoint } from '../../endpoint.ts';

const query = v.object({ user_id: v.string(), field: v.optional(v.pipe(v.string(), v.maxLength(255))) });

/** https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1queryprofile */
export const queryProfile = endpoint({
  operationId: 'queryProfile',
  method: 'GET',
  paths: ['/_matrix/federation/v1/query/profile'],
  auth: 'server',
  query,
  async handler({ env, config, query: { user_id: user, field } }) {
    const userId = parseUserId(user);
    if (!userId || serverNameOf(userId) !== config.serverName) throw invalidParam('user_id is none of ours');
    const db = openD1(env.DB, config.meter);
    if (!(await existingUsers(db, config, [userId])).has(userId)) throw notFound('There is no such user');
    const profile: Record<string, unknown> = { ...(await readProfile(db, userId)) };
    if (field === undefined) return profile;
    return profile[field] === undefined ? {} : { [field]: profile[field] };
  },
});
