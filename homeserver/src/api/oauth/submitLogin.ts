import { MatrixError } from '../../../../matrix/errors.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { checkPasswordOf } from '../../services/check-password.ts';
import { userOfName } from '../../services/user-of-name.ts';
import { endpoint } from '../endpoint.ts';
import { readFormBody } from '../pages/form-body.ts';
import { seeOther } from '../pages/page-response.ts';
import { checkAttempts, checkRateLimit } from '../rate-limit.ts';
import { isOwnForm, logBrowserIn } from './browser.ts';
import { showLoginForm } from './login-form.ts';
import { nextPage } from './next-page.ts';

/** Logs a browser in by password, with the same limits as `/login`. */
export const submitLogin = endpoint({
  operationId: 'submitLogin',
  method: 'POST',
  paths: ['/oauth2/login'],
  auth: 'none',
  async handler(call) {
    const { request, env, config } = call;
    const form = await readFormBody(request);
    const next = nextPage(form.next ?? '');
    const username = (form.username ?? '').trim();
    if (!isOwnForm(call, form.form_token ?? '')) {
      return showLoginForm(call, next, username, 403, 'Please try again: the page was too old.');
    }
    try {
      await checkRateLimit('login', request, config);
      const userId = userOfName(username, config);
      if (userId) checkAttempts(userId, config);
      const proof = await checkPasswordOf(openD1(env.DB, config.meter), userId, form.password ?? '');
      if (!proof) return showLoginForm(call, next, username, 403, wrong);
      const login = await logBrowserIn(call, proof.userId);
      if (await proof.isStill()) return seeOther(next, [login.cookie]);
      await login.undo();
      return showLoginForm(call, next, username, 403, wrong);
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
      return showLoginForm(call, next, username, error.status, `${error.message}. Please try again later.`);
    }
  },
});

const wrong = 'Wrong user name or password.';
