import { endpoint } from '../../endpoint.ts';
import { ruleOf } from './rule-path.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3pushrulesglobalkindruleidenabled */
export const isPushRuleEnabled = endpoint({
  operationId: 'isPushRuleEnabled',
  method: 'GET',
  paths: ['/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled'],
  auth: 'accessToken',
  async handler({ params, stubs }, requester) {
    return { enabled: (await ruleOf(params, stubs, requester)).enabled };
  },
});
