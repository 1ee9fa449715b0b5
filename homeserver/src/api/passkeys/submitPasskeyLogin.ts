import { MatrixError } from '../../../../matrix/errors.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { provePasskey } from '../../services/passkeys/passkeys.ts';
import { endpoint } from '../endpoint.ts';
import { isOwnForm, logBrowserIn } from '../oauth/browser.ts';
import { showLoginForm } from '../oauth/login-form.ts';
import { nextPage } from '../oauth/next-page.ts';
import { readFormBody } from '../pages/form-body.ts';
import { seeOther } from '../pages/page-response.ts';
import { checkRateLimit } from '../rate-limit.ts';

/** Logs a browser in by passkey (Web Authentication, 7.2). */
export const submitPasskeyLogin = endpoint({
  operationId: 'submitPasskeyLogin',
  method: 'POST',
  paths: ['/oauth2/login/passkey'],
  auth: 'none',
  async handler(call) {
    const { request, env, config } = call;
    const { form_token: token = '', next: wished = '', credential = '' } = await readFormBody(request);
    const next = nextPage(wished);
    const refuse = (status: number, problem: string) => showLoginForm(call, next, '', status, problem);
    if (!isOwnForm(call, token)) return refuse(403, 'Please try again: the page was too old.');
    try {
      await checkRateLimit('login', request, config);
      const db = openD1(env.DB, config.meter);
      const proof = await provePasskey({ db, config, form: token, answer: credential }, 'log in', Date.now());
      if (!proof) return refuse(403, unknownPasskey);
      const login = await logBrowserIn(call, proof.userId);
      if (await proof.isStill()) return seeOther(next, [login.cookie]);
      await login.undo();
      return refuse(403, unknownPasskey);
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
      return refuse(error.status, `${error.message}. Please try again later.`);
    }
  },
});

const unknownPasskey = 'This passkey is not known here, or the page was too old. Please try again.';
