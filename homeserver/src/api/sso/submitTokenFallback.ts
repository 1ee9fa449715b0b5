import * as v from 'valibot';
import { openD1 } from '../../../../platform/d1.ts';
import { registrationTokenHash } from '../../services/register-user.ts';
import { sessionHash, sessionMs } from '../../services/user-interactive-auth.ts';
import { passStage } from '../../storage/d1/passed-stages.ts';
import { isRegistrationTokenValid } from '../../storage/d1/registration-tokens.ts';
import { registrationTokenField } from '../client/registration/registration-grant.ts';
import { endpoint } from '../endpoint.ts';
import { formToken, isOwnForm } from '../oauth/browser.ts';
import { readFormBody } from '../pages/form-body.ts';
import { staleForm } from '../pages/notices.ts';
import { pageResponse } from '../pages/page-response.ts';
import { confirmedPage, doneScript, tokenFallbackPage } from './fallback-page.ts';

/**
 * Notes the token with the session. Only its hash is kept, and nothing is used up: that the registration does, which
 * looks at the token again.
 */
export const submitTokenFallback = endpoint({
  operationId: 'submitTokenFallback',
  method: 'POST',
  paths: ['/oauth2/fallback/token'],
  auth: 'none',
  rateLimit: 'login',
  async handler(call) {
    const { env, config } = call;
    const { form_token: form = '', session = '', token = '' } = await readFormBody(call.request);
    if (!isOwnForm(call, form)) return staleForm();
    const db = openD1(env.DB, config.meter);
    const given = token.trim();
    const tokenHash = registrationTokenHash(given);
    const nowMs = Date.now();
    if (!v.is(registrationTokenField, given) || !(await isRegistrationTokenValid(db, tokenHash, nowMs))) {
      const problem = 'This token is unknown, has been used, or has expired.';
      return pageResponse(tokenFallbackPage(formToken(call).token, session, problem), 403);
    }
    const row = { sessionHash: sessionHash(session), tokenHash, expiresMs: nowMs + sessionMs };
    await passStage(db, row, nowMs);
    return pageResponse(confirmedPage(), 200, { script: doneScript });
  },
});
