import { notFound } from '../../../../matrix/errors.ts';
import { isFresh } from '../account/fresh-login.ts';
import { endpoint } from '../endpoint.ts';
import { browserUser, formToken } from '../oauth/browser.ts';
import { nextPage, withNext } from '../oauth/next-page.ts';
import { pageResponse, seeOther } from '../pages/page-response.ts';
import { arrivedIdentity } from './arrived-identity.ts';
import { linkPage } from './upstream-pages.ts';

/** Asks whom somebody of the other provider is here. */
export const showUpstreamLink = endpoint({
  operationId: 'showUpstreamLink',
  method: 'GET',
  paths: ['/oauth2/upstream/link'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const { request, query, config } = call;
    if (!config.upstream) throw notFound();
    const next = nextPage(query.next ?? '');
    if (!arrivedIdentity(request, config)) {
      return seeOther(withNext('/oauth2/login', next));
    }
    const user = await browserUser(call);
    const userId = user && isFresh(user, Date.now()) ? user.userId : undefined;
    const form = formToken(call);
    const page = linkPage({ name: config.upstream.name, userId, formToken: form.token, next });
    return pageResponse(page, 200, { cookies: form.cookies });
  },
});
