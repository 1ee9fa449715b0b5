import { describeProtocols } from '../../../services/third-party-networks.ts';
import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3thirdpartyprotocols */
export const getProtocols = endpoint({
  operationId: 'getProtocols',
  method: 'GET',
  paths: ['/_matrix/client/v3/thirdparty/protocols'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ env, config }) {
    return describeProtocols(env, config);
  },
});
