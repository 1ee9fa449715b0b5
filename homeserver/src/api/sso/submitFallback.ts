import { sessionHash } from '../../services/user-interactive-auth.ts';
import { freshUser } from '../account/fresh-login.ts';
import { endpoint } from '../endpoint.ts';
import { isOwnForm } from '../oauth/browser.ts';
import { readFormBody } from '../pages/form-body.ts';
import { staleForm } from '../pages/notices.ts';
import { pageResponse } from '../pages/page-response.ts';
import { confirmedPage, doneScript } from './fallback-page.ts';

/** Notes with the user that the stage is passed: so of a session of somebody else nothing comes. */
export const submitFallback = endpoint({
  operationId: 'submitFallback',
  method: 'POST',
  paths: ['/oauth2/fallback'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const { form_token: token = '', session = '' } = await readFormBody(call.request);
    const user = await freshUser(call, `/oauth2/fallback?${new URLSearchParams({ session })}`);
    if (user instanceof Response) return user;
    if (!isOwnForm(call, token)) return staleForm();
    await call.stubs.user(user.userId).approve(`uia:${sessionHash(session)}`);
    return pageResponse(confirmedPage(), 200, { script: doneScript });
  },
});
