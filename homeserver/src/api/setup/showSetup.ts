import * as v from 'valibot';
import { openD1 } from '../../../../platform/d1.ts';
import { registrationTokenHash } from '../../services/register-user.ts';
import { isRegistrationTokenValid } from '../../storage/d1/registration-tokens.ts';
import { shortText } from '../client/request-fields.ts';
import { endpoint } from '../endpoint.ts';
import { pageResponse } from '../pages/page-response.ts';
import { formPage, usedPage } from './setup-page.ts';

/** The page behind the single-use link that is shown when there is no account yet. */
export const showSetup = endpoint({
  operationId: 'showSetup',
  method: 'GET',
  paths: ['/setup'],
  auth: 'none',
  rateLimit: 'login',
  query: v.object({ token: v.optional(shortText, '') }),
  async handler({ query: { token }, env, config }) {
    const db = openD1(env.DB, config.meter);
    const isValid = await isRegistrationTokenValid(db, registrationTokenHash(token), Date.now());
    if (!isValid) return pageResponse(usedPage(), 403);
    return pageResponse(formPage({ token, serverName: config.serverName, username: '' }));
  },
});
