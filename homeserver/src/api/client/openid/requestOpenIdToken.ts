import { openD1 } from '../../../../../platform/d1.ts';
import { makeOpenidToken } from '../../../services/openid-tokens.ts';
import { endpoint } from '../../endpoint.ts';
import { requireSelf } from '../account-data/own-path.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3useruseridopenidrequest_token */
export const requestOpenIdToken = endpoint({
  operationId: 'requestOpenIdToken',
  method: 'POST',
  paths: ['/_matrix/client/v3/user/{userId}/openid/request_token'],
  auth: 'accessToken',
  rateLimit: 'login',
  async handler({ params, env, config }, requester) {
    requireSelf(params, requester);
    const db = openD1(env.DB, config.meter);
    const { token, lifetimeMs } = await makeOpenidToken(db, requester.userId, Date.now());
    return {
      access_token: token,
      token_type: 'Bearer',
      matrix_server_name: config.serverName,
      expires_in: lifetimeMs / 1000,
    };
  },
});
