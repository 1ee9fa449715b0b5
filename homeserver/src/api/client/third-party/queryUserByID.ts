import * as v from 'valibot';
import { notFound } from '../../../../../matrix/errors.ts';
import { findByMatrixId } from '../../../services/third-party-networks.ts';
import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3thirdpartyuser */
export const queryUserByID = endpoint({
  operationId: 'queryUserByID',
  method: 'GET',
  paths: ['/_matrix/client/v3/thirdparty/user'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({ userid: v.pipe(v.string(), v.maxLength(255)) }),
  async handler({ query, env, config }) {
    const users = await findByMatrixId(env, config, 'user', query.userid);
    if (users.length === 0) throw notFound('No such user');
    return users;
  },
});
