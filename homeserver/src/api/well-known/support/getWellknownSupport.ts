import { notFound } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#getwell-knownmatrixsupport
 * @throws `M_NOT_FOUND` unless the owner wants to be found
 */
export const getWellknownSupport = endpoint({
  operationId: 'getWellknownSupport',
  method: 'GET',
  paths: ['/.well-known/matrix/support'],
  auth: 'none',
  async handler({ config }) {
    if (!config.support) throw notFound('Nobody is named here');
    return config.support;
  },
});
