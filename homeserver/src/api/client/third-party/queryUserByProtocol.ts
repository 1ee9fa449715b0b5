import { notFound } from '../../../../../matrix/errors.ts';
import { findByFields } from '../../../services/third-party-networks.ts';
import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3thirdpartyuserprotocol */
export const queryUserByProtocol = endpoint({
  operationId: 'queryUserByProtocol',
  method: 'GET',
  paths: ['/_matrix/client/v3/thirdparty/user/{protocol}'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ params, url, env, config }) {
    const users = await findByFields(env, config, 'user', params.protocol ?? '', url.searchParams);
    if (users.length === 0) throw notFound('No such user');
    return users;
  },
});
