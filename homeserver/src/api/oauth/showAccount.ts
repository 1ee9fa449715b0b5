import type { UserId } from '../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { readProfile } from '../../storage/d1/profiles.ts';
import { type Call, endpoint } from '../endpoint.ts';
import type { Html } from '../pages/html.ts';
import { pageResponse, seeOther } from '../pages/page-response.ts';
import { parseAction } from './account-action.ts';
import { deactivationPage, devicePage, overviewPage, resetPage } from './account-page.ts';
import { browserUser, formToken } from './browser.ts';
import { nextPage, withNext } from './next-page.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#oauth-20-account-management (MSC4191) */
export const showAccount = endpoint({
  operationId: 'showAccount',
  method: 'GET',
  paths: ['/account'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const user = await browserUser(call);
    if (!user) return seeOther(withNext('/oauth2/login', nextPage(`/account${call.url.search}`)));
    const form = formToken(call);
    const page = await pageFor(call, user.userId, form.token);
    return pageResponse(page, 200, { cookies: form.cookies });
  },
});

async function pageFor(
  { query, env, config, stubs }: Call<undefined, Record<string, string>>,
  userId: UserId,
  token: string,
): Promise<Html> {
  const account = { userId, formToken: token };
  const action = parseAction(query.action ?? '');
  if (action === 'cross_signing_reset') return resetPage(account);
  if (action === 'account_deactivate') return deactivationPage(account);
  const devices = await stubs.user(userId).devices();
  const device = devices.find(({ deviceId }) => deviceId === query.device_id);
  if (device && (action === 'device_view' || action === 'device_delete')) return devicePage(account, device);
  const { displayname } = await readProfile(openD1(env.DB, config.meter), userId);
  const displayName = typeof displayname === 'string' ? displayname : '';
  return overviewPage(account, { displayName, devices });
}
