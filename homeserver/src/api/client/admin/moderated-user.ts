import { forbidden, invalidParam, notFound } from '../../../../../matrix/errors.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { isLocal } from '../../../services/local-accounts.ts';
import { readAccount } from '../../../storage/d1/accounts.ts';
import type { Call, Requester } from '../../endpoint.ts';
import { userIdParam } from '../room-requests.ts';

/**
 * The user whom a path names, if the requester may look at their restrictions. Who may not learns nothing of
 * which accounts there are.
 * @param changing administrators are safe from each other and from themselves
 * @throws `M_FORBIDDEN`, `M_INVALID_PARAM`, `M_NOT_FOUND`
 */
export async function moderatedUser(
  { params, env, config }: Pick<Call<unknown, unknown>, 'params' | 'env' | 'config'>,
  requester: Requester,
  changing: boolean,
): Promise<UserId> {
  const db = openD1(env.DB, config.meter);
  const asking = await readAccount(db, requester.userId);
  if (!asking?.isAdmin || asking.deactivatedMs !== null) throw forbidden('Only for administrators');
  const userId = userIdParam(params.userId);
  if (!isLocal(userId, config)) throw invalidParam('This user belongs to another server');
  if (changing && userId === requester.userId) throw forbidden('Not oneself');
  const account = await readAccount(db, userId);
  if (!account || account.deactivatedMs !== null || account.appserviceId !== null)
    throw notFound('No such user');
  if (changing && account.isAdmin) throw forbidden('Not another administrator');
  return userId;
}
