import { endpoint } from '../../endpoint.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3pushrulesglobal */
export const getPushRulesGlobal = endpoint({
  operationId: 'getPushRulesGlobal',
  method: 'GET',
  paths: ['/_matrix/client/v3/pushrules/global/', '/_matrix/client/v3/pushrules/global'],
  auth: 'accessToken',
  async handler({ stubs }, requester) {
    return stubs.user(requester.userId).pushRules();
  },
});
