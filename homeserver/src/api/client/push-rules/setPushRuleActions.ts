import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { pushActions } from './push-actions.ts';
import { editRule, rulePath } from './rule-path.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3pushrulesglobalkindruleidactions */
export const setPushRuleActions = endpoint({
  operationId: 'setPushRuleActions',
  method: 'PUT',
  paths: ['/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ actions: pushActions }),
  async handler({ params, body, stubs }, requester) {
    return editRule({ ...rulePath(params), edit: 'setActions', actions: body.actions }, stubs, requester);
  },
});
