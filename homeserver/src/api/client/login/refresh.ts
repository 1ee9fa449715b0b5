import * as v from 'valibot';
import { unknownToken } from '../../../../../matrix/errors.ts';
import { userOfToken } from '../../access-token.ts';
import { endpoint } from '../../endpoint.ts';
import { shortText } from '../request-fields.ts';
import { accessTokenMs, makeTokens } from './open-session.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3refresh */
export const refresh = endpoint({
  operationId: 'refresh',
  method: 'POST',
  paths: ['/_matrix/client/v3/refresh', '/_matrix/client/unstable/org.matrix.msc2918/refresh'],
  auth: 'none',
  rateLimit: 'default',
  body: v.object({ refresh_token: shortText }),
  async handler({ body, config, stubs }) {
    const userId = userOfToken(body.refresh_token, config);
    if (!userId) throw unknownToken();
    const next = { ...makeTokens(userId, config), expiresInMs: accessTokenMs };
    const session = await stubs.user(userId).refreshSession(body.refresh_token, next);
    if (session.kind === 'unknown_token') throw unknownToken(session.soft);
    return {
      access_token: next.accessToken,
      refresh_token: next.refreshToken,
      expires_in_ms: next.expiresInMs,
    };
  },
});
