import { MatrixError } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3account3pidemailrequesttoken
 * @note No e-mails and short messages are sent from here, whatever they are to confirm.
 */
export const requestTokenTo3PIDEmail = endpoint({
  operationId: 'requestTokenTo3PIDEmail',
  method: 'POST',
  // The others are its likes for telephone numbers, registration and forgotten passwords.
  paths: [
    '/_matrix/client/v3/account/3pid/email/requestToken',
    '/_matrix/client/v3/account/3pid/msisdn/requestToken',
    '/_matrix/client/v3/register/email/requestToken',
    '/_matrix/client/v3/register/msisdn/requestToken',
    '/_matrix/client/v3/account/password/email/requestToken',
    '/_matrix/client/v3/account/password/msisdn/requestToken',
  ],
  auth: 'none',
  rateLimit: 'login',
  async handler() {
    throw new MatrixError(403, 'M_THREEPID_DENIED', 'This server confirms no addresses and numbers');
  },
});
