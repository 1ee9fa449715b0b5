import { notFound } from '../../../../../matrix/errors.ts';
import { findByFields } from '../../../services/third-party-networks.ts';
import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3thirdpartylocationprotocol */
export const queryLocationByProtocol = endpoint({
  operationId: 'queryLocationByProtocol',
  method: 'GET',
  paths: ['/_matrix/client/v3/thirdparty/location/{protocol}'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ params, url, env, config }) {
    const locations = await findByFields(env, config, 'location', params.protocol ?? '', url.searchParams);
    if (locations.length === 0) throw notFound('No such place');
    return locations;
  },
});
