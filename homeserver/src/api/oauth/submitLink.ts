import { openD1 } from '../../../../platform/d1.ts';
import { decideDeviceGrant, findDeviceGrant } from '../../services/oauth/device-codes.ts';
import { markClientUsed } from '../../storage/d1/oauth-clients.ts';
import { endpoint } from '../endpoint.ts';
import { readFormBody } from '../pages/form-body.ts';
import { donePage, staleForm } from '../pages/notices.ts';
import { pageResponse } from '../pages/page-response.ts';
import { browserUser, isOwnForm } from './browser.ts';
import { countLinkGuess } from './count-link-guess.ts';
import { codePage } from './link-page.ts';

/** The user lets a device in, or not. */
export const submitLink = endpoint({
  operationId: 'submitLink',
  method: 'POST',
  paths: ['/link'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const { env, config } = call;
    const { form_token: token = '', code = '', decision } = await readFormBody(call.request);
    const user = await browserUser(call);
    if (!user || !isOwnForm(call, token)) return staleForm();
    const refused = countLinkGuess(user.userId, config);
    if (refused) return refused;
    const db = openD1(env.DB, config.meter);
    const nowMs = Date.now();
    const isAllowed = decision === 'allow';
    const grant = await findDeviceGrant(db, code, config, nowMs);
    const userId = isAllowed ? user.userId : undefined;
    if (!grant || !(await decideDeviceGrant(db, code, userId, config, nowMs))) {
      return pageResponse(codePage('This code is unknown or has expired.'), 404);
    }
    if (!isAllowed)
      return pageResponse(donePage('Nothing was let in', 'The code is worth nothing any more.'));
    await markClientUsed(db, grant.clientId, nowMs);
    return pageResponse(donePage('The device is linked', 'You can go on there.'));
  },
});
