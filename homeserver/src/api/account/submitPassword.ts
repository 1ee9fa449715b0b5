import { MatrixError } from '../../../../matrix/errors.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { checkPassword } from '../../services/register-user.ts';
import { replacePassword } from '../../services/replace-password.ts';
import { endOtherSessions } from '../client/login/end-sessions.ts';
import { endpoint } from '../endpoint.ts';
import { formToken, isOwnForm, logBrowserIn } from '../oauth/browser.ts';
import { readFormBody } from '../pages/form-body.ts';
import { staleForm } from '../pages/notices.ts';
import { pageResponse, seeOther } from '../pages/page-response.ts';
import { freshUser } from './fresh-login.ts';
import { passwordPage } from './password-page.ts';

/** Sets a password. Other browsers are logged out by it, this one is logged in anew. */
export const submitPassword = endpoint({
  operationId: 'submitPassword',
  method: 'POST',
  paths: ['/account/password'],
  auth: 'none',
  rateLimit: 'login',
  async handler(call) {
    const { env, config, stubs } = call;
    const form = await readFormBody(call.request);
    const user = await freshUser(call, '/account/password');
    if (user instanceof Response) return user;
    if (!isOwnForm(call, form.form_token ?? '')) return staleForm();
    const { userId } = user;
    const { password = '', repeated = '' } = form;
    const problem = problemWith(password, repeated, config);
    if (problem !== undefined) {
      return pageResponse(passwordPage(userId, formToken(call).token, problem), 400);
    }
    await replacePassword(openD1(env.DB, config.meter), stubs, userId, password);
    if (form.sign_out === 'yes') await endOtherSessions(stubs, userId);
    const login = await logBrowserIn(call, userId);
    return seeOther('/account', [login.cookie]);
  },
});

function problemWith(
  password: string,
  repeated: string,
  config: Parameters<typeof checkPassword>[1],
): string | undefined {
  if (password === '') return 'Please choose a password.';
  if (password !== repeated) return 'The two passwords differ.';
  try {
    checkPassword(password, config);
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error;
    return `${error.message}.`;
  }
  return undefined;
}
