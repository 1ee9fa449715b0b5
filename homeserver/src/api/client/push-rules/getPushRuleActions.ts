import { endpoint } from '../../endpoint.ts';
import { ruleOf } from './rule-path.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3pushrulesglobalkindruleidactions */
export const getPushRuleActions = endpoint({
  operationId: 'getPushRuleActions',
  method: 'GET',
  paths: ['/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions'],
  auth: 'accessToken',
  async handler({ params, stubs }, requester) {
    return { actions: (await ruleOf(params, stubs, requester)).actions };
  },
});
