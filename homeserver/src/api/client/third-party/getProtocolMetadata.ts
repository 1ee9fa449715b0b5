import { notFound } from '../../../../../matrix/errors.ts';
import { describeProtocol } from '../../../services/third-party-networks.ts';
import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3thirdpartyprotocolprotocol */
export const getProtocolMetadata = endpoint({
  operationId: 'getProtocolMetadata',
  method: 'GET',
  paths: ['/_matrix/client/v3/thirdparty/protocol/{protocol}'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const described = await describeProtocol(env, config, params.protocol ?? '');
    if (!described) throw notFound('No service reaches this network');
    return described;
  },
});
