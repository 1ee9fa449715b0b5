import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3login */
export const getLoginFlows = endpoint({
  operationId: 'getLoginFlows',
  method: 'GET',
  paths: ['/_matrix/client/v3/login', '/_matrix/client/r0/login'],
  auth: 'none',
  rateLimit: 'default',
  async handler() {
    return { flows: [{ type: 'm.login.password' }, { type: 'm.login.application_service' }] };
  },
});
