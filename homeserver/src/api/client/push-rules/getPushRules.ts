import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3pushrules */
export const getPushRules = endpoint({
  operationId: 'getPushRules',
  method: 'GET',
  paths: ['/_matrix/client/v3/pushrules/', '/_matrix/client/v3/pushrules'],
  auth: 'accessToken',
  async handler({ stubs }, requester) {
    return { global: await stubs.user(requester.userId).pushRules() };
  },
});
