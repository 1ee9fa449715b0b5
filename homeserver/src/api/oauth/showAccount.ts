import type { UserId } from '../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { readAccount } from '../../storage/d1/accounts.ts';
import { readIdentity } from '../../storage/d1/external-identities.ts';
import { listPasskeys } from '../../storage/d1/passkeys.ts';
import { readProfile } from '../../storage/d1/profiles.ts';
import { countRecoveryCodes } from '../../storage/d1/recovery-codes.ts';
import { proofsOf } from '../account/prove-user.ts';
import { type Call, endpoint } from '../endpoint.ts';
import type { Html } from '../pages/html.ts';
import { pageResponse, seeOther } from '../pages/page-response.ts';
import { passkeyScript } from '../passkeys/passkey-script.ts';
import { parseAction } from './account-action.ts';
import { deactivationPage, devicePage, overviewPage, resetPage } from './account-page.ts';
import { type BrowserUser, browserUser, formToken } from './browser.ts';
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
    const page = await pageFor(call, user, form.token);
    return pageResponse(page, 200, { cookies: form.cookies, script: passkeyScript });
  },
});

type AccountCall = Call<undefined, Record<string, string>>;

async function pageFor(call: AccountCall, user: BrowserUser, token: string): Promise<Html> {
  const { query, stubs } = call;
  const { userId } = user;
  const account = { userId, formToken: token };
  const action = parseAction(query.action ?? '');
  if (action === 'cross_signing_reset') return resetPage(account, await proofsOf(call, user, token));
  if (action === 'account_deactivate') return deactivationPage(account, await proofsOf(call, user, token));
  const devices = await stubs.user(userId).devices();
  const device = devices.find(({ deviceId }) => deviceId === query.device_id);
  if (device && (action === 'device_view' || action === 'device_delete')) return devicePage(account, device);
  return overviewPage(account, { devices, ...(await accountFacts(call, userId)) });
}

async function accountFacts({ env, config }: AccountCall, userId: UserId) {
  const db = openD1(env.DB, config.meter);
  const { upstream } = config;
  const [account, { displayname }, passkeys, recoveryCodes, identity] = await Promise.all([
    readAccount(db, userId),
    readProfile(db, userId),
    listPasskeys(db, userId),
    countRecoveryCodes(db, userId),
    upstream && readIdentity(db, userId, upstream.issuer),
  ]);
  return {
    displayName: typeof displayname === 'string' ? displayname : '',
    isAdmin: account?.isAdmin === true,
    ways: {
      passkeys: passkeys.length,
      recoveryCodes,
      hasPassword: Boolean(account?.passwordHash),
      provider: upstream && { name: upstream.name, isLinked: identity !== undefined },
    },
  };
}
