import * as v from 'valibot';
import { unknownToken } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { userOfOpenidToken } from '../../../services/openid-tokens.ts';
import { endpoint } from '../../endpoint.ts';

/**
 * https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1openiduserinfo
 * Asked by services that are no servers, so it is not signed.
 */
export const exchangeOpenIdToken = endpoint({
  operationId: 'exchangeOpenIdToken',
  method: 'GET',
  paths: ['/_matrix/federation/v1/openid/userinfo'],
  auth: 'none',
  rateLimit: 'default',
  query: v.object({ access_token: v.pipe(v.string(), v.minLength(1)) }),
  async handler({ env, config, query }) {
    const userId = await userOfOpenidToken(openD1(env.DB, config.meter), query.access_token, Date.now());
    if (userId === undefined) throw unknownToken();
    return { sub: userId };
  },
});
