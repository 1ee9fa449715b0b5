import { endpoint } from '../endpoint.ts';
import { formToken } from '../oauth/browser.ts';
import { hintedName, nextPage } from '../oauth/next-page.ts';
import { pageResponse } from '../pages/page-response.ts';
import { recoveryPage } from './recovery-codes-page.ts';

export const showRecoveryLogin = endpoint({
  operationId: 'showRecoveryLogin',
  method: 'GET',
  paths: ['/oauth2/login/recovery'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const next = nextPage(call.query.next ?? '');
    const form = formToken(call);
    const page = recoveryPage({ formToken: form.token, next, username: hintedName(next) });
    return pageResponse(page, 200, { cookies: form.cookies });
  },
});
