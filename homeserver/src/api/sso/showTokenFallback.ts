import { endpoint } from '../endpoint.ts';
import { formToken } from '../oauth/browser.ts';
import { pageResponse } from '../pages/page-response.ts';
import { tokenFallbackPage } from './fallback-page.ts';

/** The stage `m.login.registration_token` of a registration, for clients that do not ask for the token themselves. */
export const showTokenFallback = endpoint({
  operationId: 'showTokenFallback',
  method: 'GET',
  paths: ['/oauth2/fallback/token'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const session = (call.query.session ?? '').slice(0, 255);
    const { token, cookies } = formToken(call);
    return pageResponse(tokenFallbackPage(token, session), 200, { cookies });
  },
});
