import { openD1 } from '../../../../platform/d1.ts';
import {
  errorLocation,
  formTargetOf,
  readAuthorizationRequest,
} from '../../services/oauth/authorization-request.ts';
import { grantedTo } from '../../services/oauth/granted-to.ts';
import { endpoint } from '../endpoint.ts';
import { refusal } from '../pages/notices.ts';
import { pageResponse, seeOther } from '../pages/page-response.ts';
import { browserUser, formToken } from './browser.ts';
import { consentPage } from './consent-page.ts';
import { withNext } from './next-page.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#login-flow (RFC 6749, 4.1.1). A client sends a browser here; who is
 * not logged in is sent to do so, and comes back.
 */
export const authorize = endpoint({
  operationId: 'authorize',
  method: 'GET',
  paths: ['/oauth2/authorize'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const { url, env, config } = call;
    const db = openD1(env.DB, config.meter);
    const read = await readAuthorizationRequest(url.searchParams, db, config);
    if (read.kind === 'unknown') return refusal(read.message, 400);
    if (read.kind === 'refused') return seeOther(read.location);
    const { request } = read;
    const user = await browserUser(call);
    if (request.prompts.includes('none')) {
      // OpenID Connect Core, 3.1.2.6. Consent is asked for each time: a device is made.
      const missing = user ? 'consent_required' : 'login_required';
      return seeOther(errorLocation(request, missing, 'The user has to be asked', config));
    }
    const rest = new URLSearchParams(url.searchParams);
    rest.delete('prompt');
    const next = `/oauth2/authorize?${rest}`;
    if (request.prompts.includes('create')) return seeOther(withNext('/oauth2/register', next));
    const wantsLogin = request.prompts.some((prompt) => prompt === 'login' || prompt === 'select_account');
    if (!user || wantsLogin) return seeOther(withNext('/oauth2/login', next));
    const form = formToken(call);
    const granted = await grantedTo(db, user.userId, request.granted);
    const page = consentPage(request, {
      granted,
      userId: user.userId,
      formToken: form.token,
      query: rest.toString(),
    });
    const formTarget = formTargetOf(request.redirectUri);
    return pageResponse(page, 200, { formTarget, cookies: form.cookies });
  },
});
