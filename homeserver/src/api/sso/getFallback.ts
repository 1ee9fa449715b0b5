import { notFound } from '../../../../matrix/errors.ts';
import { endpoint } from '../endpoint.ts';
import { seeOther } from '../pages/page-response.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#fallback: for clients that do not know a stage, in a browser. */
export const getFallback = endpoint({
  operationId: 'getFallback',
  method: 'GET',
  paths: ['/_matrix/client/v3/auth/{authType}/fallback/web'],
  auth: 'none',
  rateLimit: 'default',
  async handler({ params, url, config }) {
    const session = new URLSearchParams({ session: url.searchParams.get('session') ?? '' });
    switch (params.authType) {
      case 'm.login.sso':
        if (!config.ssoLogin) throw notFound('There is no such stage');
        return seeOther(`/oauth2/fallback?${session}`);
      case 'm.login.registration_token':
        return seeOther(`/oauth2/fallback/token?${session}`);
      case 'm.oauth':
      case 'org.matrix.cross_signing_reset':
        return seeOther('/account?action=org.matrix.cross_signing_reset');
      default:
        throw notFound('There is no such stage');
    }
  },
});
