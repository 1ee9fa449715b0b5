import { endpoint } from '../../endpoint.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3account3pid
 * @note E-mail addresses and telephone numbers are not kept here, so there are none to tell.
 */
export const getAccount3PIDs = endpoint({
  operationId: 'getAccount3PIDs',
  method: 'GET',
  paths: ['/_matrix/client/v3/account/3pid'],
  auth: 'accessToken',
  async handler() {
    return { threepids: [] };
  },
});
