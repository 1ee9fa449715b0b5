import { freshUser } from '../account/fresh-login.ts';
import { endpoint } from '../endpoint.ts';
import { formToken } from '../oauth/browser.ts';
import { pageResponse } from '../pages/page-response.ts';
import { fallbackPage } from './fallback-page.ts';

/** The stage `m.login.sso` of interactive authentication: a recent login, and a click. */
export const showFallback = endpoint({
  operationId: 'showFallback',
  method: 'GET',
  paths: ['/oauth2/fallback'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const session = (call.query.session ?? '').slice(0, 255);
    const user = await freshUser(call, `/oauth2/fallback?${new URLSearchParams({ session })}`);
    if (user instanceof Response) return user;
    const form = formToken(call);
    return pageResponse(fallbackPage(user.userId, form.token, session), 200, { cookies: form.cookies });
  },
});
