import * as v from 'valibot';
import { notFound } from '../../../../../matrix/errors.ts';
import { findByMatrixId } from '../../../services/third-party-networks.ts';
import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3thirdpartylocation */
export const queryLocationByAlias = endpoint({
  operationId: 'queryLocationByAlias',
  method: 'GET',
  paths: ['/_matrix/client/v3/thirdparty/location'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({ alias: v.pipe(v.string(), v.maxLength(255)) }),
  async handler({ query, env, config }) {
    const locations = await findByMatrixId(env, config, 'location', query.alias);
    if (locations.length === 0) throw notFound('No such place');
    return locations;
  },
});
