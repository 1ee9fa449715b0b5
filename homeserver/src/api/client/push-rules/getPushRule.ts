import { endpoint } from '../../endpoint.ts';
import { ruleOf } from './rule-path.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3pushrulesglobalkindruleid */
export const getPushRule = endpoint({
  operationId: 'getPushRule',
  method: 'GET',
  paths: ['/_matrix/client/v3/pushrules/global/{kind}/{ruleId}'],
  auth: 'accessToken',
  async handler({ params, stubs }, requester) {
    return ruleOf(params, stubs, requester);
  },
});
