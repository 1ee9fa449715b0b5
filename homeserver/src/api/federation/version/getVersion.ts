import { version } from '../../../../../package.json';
import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1version */
export const getVersion = endpoint({
  operationId: 'getVersion',
  method: 'GET',
  paths: ['/_matrix/federation/v1/version'],
  auth: 'none',
  async handler() {
    return { server: { name: 'Roost', version } };
  },
});
