import { notFound } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';

/**
 * https://spec.matrix.org/v1.16/server-server-api/#getwell-knownmatrixserver
 * @note Federation is over TLS only: an address without it is none to send other servers to.
 */
export const getWellKnown = endpoint({
  operationId: 'getWellKnown',
  method: 'GET',
  paths: ['/.well-known/matrix/server'],
  auth: 'none',
  async handler({ config }) {
    const base = new URL(config.publicBaseUrl);
    if (base.protocol !== 'https:') throw notFound('This server has no address for federation');
    return { 'm.server': `${base.hostname}:${base.port || '443'}` };
  },
});
