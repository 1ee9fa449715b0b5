import { endpoint } from '../../endpoint.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3account3piddelete
 * @note There is never one to delete, so that it is done already.
 */
export const delete3pidFromAccount = endpoint({
  operationId: 'delete3pidFromAccount',
  method: 'POST',
  // The second is `unbind3pidFromAccount`: no identity server was told anything.
  paths: ['/_matrix/client/v3/account/3pid/delete', '/_matrix/client/v3/account/3pid/unbind'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler() {
    return { id_server_unbind_result: 'no-support' };
  },
});
