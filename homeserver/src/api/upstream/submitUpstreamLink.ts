import { notFound } from '../../../../matrix/errors.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { linkIdentity } from '../../storage/d1/external-identities.ts';
import { freshUser } from '../account/fresh-login.ts';
import { endpoint } from '../endpoint.ts';
import { isOwnForm } from '../oauth/browser.ts';
import { refusalPage } from '../oauth/consent-page.ts';
import { nextPage } from '../oauth/next-page.ts';
import { staleForm } from '../oauth/submitConsent.ts';
import { readFormBody } from '../pages/form-body.ts';
import { pageResponse, seeOther } from '../pages/page-response.ts';
import { arrivedIdentity } from './arrived-identity.ts';
import { endedCookie } from './signed-cookie.ts';

/** Links the account of whoever is logged in with the one at the other provider that this browser came from. */
export const submitUpstreamLink = endpoint({
  operationId: 'submitUpstreamLink',
  method: 'POST',
  paths: ['/oauth2/upstream/link'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const { request, env, config } = call;
    if (!config.upstream) throw notFound();
    const { form_token: token = '', next: wished = '' } = await readFormBody(request);
    const next = nextPage(wished);
    const user = await freshUser(call, next);
    if (user instanceof Response) return user;
    const nowMs = Date.now();
    const identity = arrivedIdentity(request, config);
    if (!identity || !isOwnForm(call, token)) return pageResponse(staleForm(), 403);
    const isLinked = await linkIdentity(openD1(env.DB, config.meter), identity, user.userId, nowMs);
    if (!isLinked) return pageResponse(refusalPage('That account is linked with another one here.'), 403);
    return seeOther(next, [endedCookie('identity', config)]);
  },
});
