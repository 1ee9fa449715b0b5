import { openD1 } from '../../../../platform/d1.ts';
import { makeRecoveryCodes } from '../../services/recovery-codes.ts';
import { endpoint } from '../endpoint.ts';
import { isOwnForm } from '../oauth/browser.ts';
import { readFormBody } from '../pages/form-body.ts';
import { staleForm } from '../pages/notices.ts';
import { pageResponse } from '../pages/page-response.ts';
import { freshUser } from './fresh-login.ts';
import { newCodesPage } from './recovery-codes-page.ts';

/** Makes a list of recovery codes, which is shown this once. */
export const submitRecoveryCodes = endpoint({
  operationId: 'submitRecoveryCodes',
  method: 'POST',
  paths: ['/account/recovery-codes'],
  auth: 'none',
  rateLimit: 'login',
  async handler(call) {
    const { env, config } = call;
    const form = await readFormBody(call.request);
    const user = await freshUser(call, '/account/recovery-codes');
    if (user instanceof Response) return user;
    if (!isOwnForm(call, form.form_token ?? '')) return staleForm();
    const codes = await makeRecoveryCodes(openD1(env.DB, config.meter), user.userId, config);
    return pageResponse(newCodesPage(user.userId, codes));
  },
});
