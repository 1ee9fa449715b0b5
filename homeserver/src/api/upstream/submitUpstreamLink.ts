import { notFound } from '../../../../matrix/errors.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../platform/d1.ts';
import type { UpstreamProvider } from '../../config.ts';
import { linkIdentity } from '../../storage/d1/external-identities.ts';
import { removeIdentity } from '../../storage/d1/ways-in.ts';
import { freshUser } from '../account/fresh-login.ts';
import { endpoint } from '../endpoint.ts';
import { isOwnForm } from '../oauth/browser.ts';
import { nextPage } from '../oauth/next-page.ts';
import { readFormBody } from '../pages/form-body.ts';
import { refusal, staleForm } from '../pages/notices.ts';
import { seeOther } from '../pages/page-response.ts';
import { arrivedIdentity } from './arrived-identity.ts';
import { endedCookie } from './signed-cookie.ts';

/**
 * Links the account of whoever is logged in with the one at the other provider that this browser came from, or ends
 * that.
 */
export const submitUpstreamLink = endpoint({
  operationId: 'submitUpstreamLink',
  method: 'POST',
  paths: ['/oauth2/upstream/link'],
  auth: 'none',
  rateLimit: 'default',
  async handler(call) {
    const { request, env, config } = call;
    if (!config.upstream) throw notFound();
    const form = await readFormBody(request);
    const next = nextPage(form.next ?? '');
    const user = await freshUser(call, next);
    if (user instanceof Response) return user;
    if (!isOwnForm(call, form.form_token ?? '')) return staleForm();
    const db = openD1(env.DB, config.meter);
    if (form.action === 'unlink') return unlink(db, user.userId, config.upstream);
    const identity = arrivedIdentity(request, config);
    if (!identity) return staleForm();
    const isLinked = await linkIdentity(db, identity, user.userId, Date.now());
    if (!isLinked) return refusal('That account is linked with another one here.');
    return seeOther(next, [endedCookie('identity', config)]);
  },
});

async function unlink(
  db: ReturnType<typeof openD1>,
  userId: UserId,
  { issuer }: UpstreamProvider,
): Promise<Response> {
  if ((await removeIdentity(db, userId, issuer)) === 'last') {
    return refusal('It is your only way in: please set a password or add a passkey first.');
  }
  return seeOther('/account');
}
