import * as v from 'valibot';
import { forbidden, invalidParam, MatrixError, userInUse } from '../../../../matrix/errors.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../platform/d1.ts';
import {
  checkNameIsFree,
  checkPassword,
  type Grant,
  registerPerson,
  registrationTokenHash,
  userIdForName,
} from '../../services/register-user.ts';
import {
  type ExternalIdentity,
  findUserByIdentity,
  linkIdentity,
} from '../../storage/d1/external-identities.ts';
import { isRegistrationTokenValid } from '../../storage/d1/registration-tokens.ts';
import { registrationTokenField } from '../client/registration/registration-grant.ts';
import { type Call, endpoint } from '../endpoint.ts';
import { readFormBody } from '../pages/form-body.ts';
import { seeOther } from '../pages/page-response.ts';
import { checkRateLimit } from '../rate-limit.ts';
import { arrivedIdentity } from '../upstream/arrived-identity.ts';
import { endedCookie } from '../upstream/signed-cookie.ts';
import { isOwnForm, logBrowserIn } from './browser.ts';
import { nextPage } from './next-page.ts';
import { showRegistrationForm } from './registration-form.ts';

type PageCall = Call<undefined, Record<string, string>>;
type Form = Record<string, string>;

/** Makes an account, by invitation where registration is not open, and logs the browser in to it. */
export const submitRegistration = endpoint({
  operationId: 'submitRegistration',
  method: 'POST',
  paths: ['/oauth2/register'],
  auth: 'none',
  async handler(call) {
    const form = await readFormBody(call.request);
    const { config } = call;
    const identity = arrivedIdentity(call.request, config);
    const again = (error: MatrixError) => showRegistrationForm(call, form, error);
    if (!isOwnForm(call, form.form_token ?? '')) {
      return again(forbidden('Please try again: the page was too old'));
    }
    try {
      await checkRateLimit('login', call.request, config);
      const userId = await makeAccount(call, form, identity);
      const login = await logBrowserIn(call, userId);
      const done = identity ? [endedCookie('identity', config)] : [];
      return seeOther(nextPage(form.next ?? ''), [login.cookie, ...done]);
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
      return again(error);
    }
  },
});

/** @throws MatrixError to be shown in the form */
async function makeAccount(
  { env, config }: PageCall,
  form: Form,
  identity: ExternalIdentity | undefined,
): Promise<UserId> {
  const { username = '', invitation = '' } = form;
  const db = openD1(env.DB, config.meter);
  const grant: Grant = config.openRegistration
    ? { kind: 'open' }
    : { kind: 'token', tokenHash: registrationTokenHash(invitation) };
  if (grant.kind === 'token') {
    const isToken = v.is(registrationTokenField, invitation);
    if (!isToken || !(await isRegistrationTokenValid(db, grant.tokenHash, Date.now())))
      throw wrongInvitation();
  }
  const displayName = username.trim();
  const userId = userIdForName(displayName, config);
  await checkNameIsFree(db, config, userId);
  const nowMs = Date.now();
  if (identity && (await findUserByIdentity(db, identity))) throw linkedAlready();
  const secret = identity ? {} : { password: chosenPassword(form, config) };
  const registered = await registerPerson(db, { userId, displayName, ...secret, grant }, nowMs);
  if (registered.kind === 'created') {
    // Of two at once, one is left to set a password by its browser, which is logged in.
    if (identity) await linkIdentity(db, identity, userId, nowMs);
    return userId;
  }
  throw registered.reason === 'name' ? userInUse() : wrongInvitation();
}

function chosenPassword({ password = '', repeated = '' }: Form, config: PageCall['config']): string {
  if (password === '') throw invalidParam('Please choose a password');
  checkPassword(password, config);
  if (password !== repeated) throw invalidParam('The two passwords differ');
  return password;
}

const linkedAlready = () => forbidden('You have an account here already: log in');
const wrongInvitation = () => forbidden('This invitation is unknown, has been used, or has expired');
