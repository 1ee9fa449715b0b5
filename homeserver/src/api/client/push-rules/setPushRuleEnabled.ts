import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { editRule, rulePath } from './rule-path.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3pushrulesglobalkindruleidenabled */
export const setPushRuleEnabled = endpoint({
  operationId: 'setPushRuleEnabled',
  method: 'PUT',
  paths: ['/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ enabled: v.boolean() }),
  async handler({ params, body, stubs }, requester) {
    return editRule({ ...rulePath(params), edit: 'enable', enabled: body.enabled }, stubs, requester);
  },
});
