import { openD1 } from '../../../../platform/d1.ts';
import { findClient } from '../../services/oauth/authorization-request.ts';
import { findDeviceGrant } from '../../services/oauth/device-codes.ts';
import { endpoint } from '../endpoint.ts';
import { pageResponse, seeOther } from '../pages/page-response.ts';
import { browserUser, formToken } from './browser.ts';
import { countLinkGuess } from './count-link-guess.ts';
import { codePage, linkPage } from './link-page.ts';
import { nextPage, withNext } from './next-page.ts';

/** RFC 8628, 3.3: where the user types the code of a device, or comes with it. Guesses are counted by user. */
export const showLink = endpoint({
  operationId: 'showLink',
  method: 'GET',
  paths: ['/link'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const { query, env, config } = call;
    const user = await browserUser(call);
    if (!user) return seeOther(withNext('/oauth2/login', nextPage(`/link${call.url.search}`)));
    const userCode = query.code ?? '';
    if (userCode === '') return pageResponse(codePage());
    const refused = countLinkGuess(user.userId, config);
    if (refused) return refused;
    const db = openD1(env.DB, config.meter);
    const grant = await findDeviceGrant(db, userCode, config, Date.now());
    const client = grant && (await findClient(db, grant.clientId));
    if (!grant || !client) return pageResponse(codePage('This code is unknown or has expired.'), 404);
    const form = formToken(call);
    const { userId } = user;
    const { deviceId } = grant;
    const page = linkPage({ metadata: client.metadata, userId, deviceId, formToken: form.token, userCode });
    return pageResponse(page, 200, { cookies: form.cookies });
  },
});
