import { unrecognized } from '../../../../matrix/errors.ts';
import { parseSsoRedirect, withLoginToken } from '../../services/sso-redirect.ts';
import { makePageToken } from '../access-token.ts';
import { endpoint } from '../endpoint.ts';
import { browserUser, isOwnForm } from '../oauth/browser.ts';
import { readFormBody } from '../pages/form-body.ts';
import { donePage, staleForm } from '../pages/notices.ts';
import { pageResponse, seeOther } from '../pages/page-response.ts';

/** Sends the user back to the app, with a token that it logs in by once. */
export const submitSso = endpoint({
  operationId: 'submitSso',
  method: 'POST',
  paths: ['/oauth2/sso'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const { config, stubs } = call;
    if (!config.ssoLogin) throw unrecognized();
    const form = await readFormBody(call.request);
    const user = await browserUser(call);
    if (!user || !isOwnForm(call, form.form_token ?? '')) return staleForm();
    const target = parseSsoRedirect(form.redirectUrl ?? '');
    if (!target || form.decision !== 'allow') {
      return pageResponse(donePage('Nothing was let in', 'You can close this page.'));
    }
    const token = makePageToken('login', user.userId, config);
    await stubs.user(user.userId).storeLoginToken(token);
    return seeOther(withLoginToken(target, token));
  },
});
