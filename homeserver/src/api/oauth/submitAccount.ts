import { userSuspended } from '../../../../matrix/errors.ts';
import { type DeviceId, parseDeviceId } from '../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { tellRoomsOfProfile } from '../../services/profile-in-rooms.ts';
import { writeProfileField } from '../../storage/d1/profiles.ts';
import { proofProblem, proofsOf } from '../account/prove-user.ts';
import { endAccount } from '../client/account/end-account.ts';
import { endSessions } from '../client/login/end-sessions.ts';
import { type Call, endpoint } from '../endpoint.ts';
import { readFormBody } from '../pages/form-body.ts';
import { donePage, refusal, staleForm } from '../pages/notices.ts';
import { pageResponse, seeOther } from '../pages/page-response.ts';
import { passkeyScript } from '../passkeys/passkey-script.ts';
import { deactivationPage, resetPage } from './account-page.ts';
import { type BrowserUser, browserUser, formToken, isOwnForm, logoutCookie } from './browser.ts';

type AccountCall = Call<undefined, Record<string, string>>;
type Form = Record<string, string>;

/** What the user does on the account page. What cannot be undone asks for a proof. */
export const submitAccount = endpoint({
  operationId: 'submitAccount',
  method: 'POST',
  paths: ['/account'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const form = await readFormBody(call.request);
    const user = await browserUser(call);
    if (!user || !isOwnForm(call, form.form_token ?? '')) return staleForm();
    switch (form.action) {
      case 'profile':
        return rename(call, user, form);
      case 'device_delete':
        return signOut(call, user, form);
      case 'cross_signing_reset':
        return allowReset(call, user, form);
      case 'account_deactivate':
        return deactivate(call, user, form);
      case 'log_out':
        return logOut(call, user);
      default:
        return seeOther('/account');
    }
  },
});

async function rename(
  { env, config, stubs, waitUntil }: AccountCall,
  { userId }: BrowserUser,
  form: Form,
): Promise<Response> {
  if ((await stubs.user(userId).restrictions()).suspended) {
    return refusal(`${userSuspended().message}.`);
  }
  const name = (form.display_name ?? '').trim().slice(0, 256);
  const db = openD1(env.DB, config.meter);
  if (name !== '' && (await writeProfileField(db, userId, 'displayname', name))) {
    waitUntil(tellRoomsOfProfile(db, { env, stubs }, userId));
  }
  return seeOther('/account');
}

async function signOut({ stubs }: AccountCall, { userId }: BrowserUser, form: Form): Promise<Response> {
  const deviceId: DeviceId | undefined = parseDeviceId(form.device_id ?? '');
  if (deviceId) await endSessions(stubs, userId, [deviceId]);
  return seeOther('/account');
}

/** MSC4312: the client that sent the user here may then replace the keys. */
async function allowReset(call: AccountCall, user: BrowserUser, form: Form): Promise<Response> {
  const problem = await proofProblem(call, user, form);
  if (problem !== undefined) return askAgain(call, user, resetPage, problem);
  await call.stubs.user(user.userId).approve('cross_signing_reset');
  const text = 'Go back to your app within ten minutes to go on.';
  return pageResponse(donePage('The reset is allowed', text));
}

async function deactivate(call: AccountCall, user: BrowserUser, form: Form): Promise<Response> {
  const problem = await proofProblem(call, user, form);
  if (problem !== undefined) return askAgain(call, user, deactivationPage, problem);
  await endAccount(call, user.userId, false);
  const page = donePage('Your account is deactivated', 'You are signed out everywhere.');
  return pageResponse(page, 200, { cookies: [logoutCookie(call.config)] });
}

async function logOut({ stubs, config }: AccountCall, { userId, token }: BrowserUser): Promise<Response> {
  await stubs.user(userId).endBrowserSession(token);
  const page = donePage('You are logged out', 'Your apps stay signed in.');
  return pageResponse(page, 200, { cookies: [logoutCookie(config)] });
}

async function askAgain(
  call: AccountCall,
  user: BrowserUser,
  page: typeof resetPage,
  problem: string,
): Promise<Response> {
  const { token } = formToken(call);
  const proofs = await proofsOf(call, user, token);
  const shown = page({ userId: user.userId, formToken: token }, proofs, problem);
  return pageResponse(shown, 403, { script: passkeyScript });
}
