import { endpoint } from '../../endpoint.ts';
import { editRule, rulePath } from './rule-path.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3pushrulesglobalkindruleid */
export const deletePushRule = endpoint({
  operationId: 'deletePushRule',
  method: 'DELETE',
  paths: ['/_matrix/client/v3/pushrules/global/{kind}/{ruleId}'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ params, stubs }, requester) {
    return editRule({ ...rulePath(params), edit: 'delete' }, stubs, requester);
  },
});
