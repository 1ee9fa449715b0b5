import { openD1 } from '../../../../platform/d1.ts';
import { countRecoveryCodes } from '../../storage/d1/recovery-codes.ts';
import { endpoint } from '../endpoint.ts';
import { formToken } from '../oauth/browser.ts';
import { pageResponse } from '../pages/page-response.ts';
import { freshUser } from './fresh-login.ts';
import { recoveryCodesPage } from './recovery-codes-page.ts';

export const showRecoveryCodes = endpoint({
  operationId: 'showRecoveryCodes',
  method: 'GET',
  paths: ['/account/recovery-codes'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const user = await freshUser(call, '/account/recovery-codes');
    if (user instanceof Response) return user;
    const left = await countRecoveryCodes(openD1(call.env.DB, call.config.meter), user.userId);
    const form = formToken(call);
    return pageResponse(recoveryCodesPage(form.token, left), 200, { cookies: form.cookies });
  },
});
