import { forbidden } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3account3pidadd
 * @note Refused, as the capability `m.3pid_changes` says: e-mail addresses and telephone numbers are not kept.
 */
export const add3PID = endpoint({
  operationId: 'add3PID',
  method: 'POST',
  // The others are `post3PIDs`, its former like, and `bind3PID`, which needs an identity server.
  paths: [
    '/_matrix/client/v3/account/3pid/add',
    '/_matrix/client/v3/account/3pid',
    '/_matrix/client/v3/account/3pid/bind',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler() {
    throw forbidden('This server keeps no e-mail addresses and telephone numbers');
  },
});
