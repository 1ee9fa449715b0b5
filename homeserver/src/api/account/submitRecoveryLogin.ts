import { MatrixError } from '../../../../matrix/errors.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { useRecoveryCode } from '../../services/recovery-codes.ts';
import { userOfName } from '../../services/user-of-name.ts';
import { readAccount } from '../../storage/d1/accounts.ts';
import { endpoint } from '../endpoint.ts';
import { formToken, isOwnForm, logBrowserIn } from '../oauth/browser.ts';
import { nextPage } from '../oauth/next-page.ts';
import { readFormBody } from '../pages/form-body.ts';
import { pageResponse, seeOther } from '../pages/page-response.ts';
import { checkAttempts, checkRateLimit } from '../rate-limit.ts';
import { recoveryPage } from './recovery-codes-page.ts';

/** Logs a browser in by recovery code, with the limits of passwords. */
export const submitRecoveryLogin = endpoint({
  operationId: 'submitRecoveryLogin',
  method: 'POST',
  paths: ['/oauth2/login/recovery'],
  auth: 'none',
  async handler(call) {
    const { request, env, config } = call;
    const form = await readFormBody(request);
    const next = nextPage(form.next ?? '');
    const username = (form.username ?? '').trim();
    const refuse = (status: number, problem: string) => {
      const { token, cookies } = formToken(call);
      return pageResponse(recoveryPage({ formToken: token, next, username, problem }), status, { cookies });
    };
    if (!isOwnForm(call, form.form_token ?? ''))
      return refuse(403, 'Please try again: the page was too old.');
    try {
      await checkRateLimit('login', request, config);
      const userId = userOfName(username, config);
      if (userId) checkAttempts(userId, config);
      const db = openD1(env.DB, config.meter);
      if (!userId || !(await useRecoveryCode(db, userId, form.code ?? '', config))) return refuse(403, wrong);
      const login = await logBrowserIn(call, userId);
      // Who was deactivated meanwhile had all sessions ended before this one was there.
      if ((await readAccount(db, userId))?.deactivatedMs === null) return seeOther(next, [login.cookie]);
      await login.undo();
      return refuse(403, wrong);
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
      return refuse(error.status, `${error.message}. Please try again later.`);
    }
  },
});

const wrong = 'Wrong user name or recovery code, or the code has been used.';
