import { MatrixError, notFound } from '../../../../matrix/errors.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { log } from '../../../../platform/log.ts';
import type { UpstreamProvider } from '../../config.ts';
import { finishUpstreamLogin, UpstreamError } from '../../services/upstream/provider.ts';
import { readAccount } from '../../storage/d1/accounts.ts';
import { type ExternalIdentity, findUserByIdentity } from '../../storage/d1/external-identities.ts';
import { type Call, endpoint } from '../endpoint.ts';
import { logBrowserIn } from '../oauth/browser.ts';
import { refusal } from '../pages/notices.ts';
import { pageResponse, seeOther } from '../pages/page-response.ts';
import { endedCookie, readSignedCookie, signedCookie } from './signed-cookie.ts';
import type { UpstreamCookie } from './startUpstream.ts';
import { providerFailedPage } from './upstream-pages.ts';

type PageCall = Call<undefined, Record<string, string>>;

/** Where the other provider sends a browser back to: whom it knows is logged in, who is new is asked. */
export const finishUpstream = endpoint({
  operationId: 'finishUpstream',
  method: 'GET',
  paths: ['/oauth2/upstream/callback'],
  auth: 'none',
  rateLimit: 'login',
  async handler(call) {
    const { request, url, env, config } = call;
    const provider = config.upstream;
    if (!provider) throw notFound();
    const attempt = readSignedCookie<UpstreamCookie>(request, 'upstream', config, Date.now());
    if (!attempt) return failed(provider, 'nothing was begun in this browser');
    try {
      const identity = await finishUpstreamLogin(provider, env, config, { answer: url, attempt });
      return await letIn(call, identity, attempt.next);
    } catch (error) {
      if (error instanceof UpstreamError) return failed(provider, error.message);
      if (!(error instanceof MatrixError)) throw error;
      return refusal(`${error.message}.`, error.status);
    }
  },
});

async function letIn(call: PageCall, identity: ExternalIdentity, next: string): Promise<Response> {
  const { env, config } = call;
  const db = openD1(env.DB, config.meter);
  const done = endedCookie('upstream', config);
  const userId = await findUserByIdentity(db, identity);
  if (!userId) {
    const kept = signedCookie('identity', identity, config, Date.now());
    return seeOther(`/oauth2/upstream/link?${new URLSearchParams({ next })}`, [done, kept]);
  }
  const login = await logBrowserIn(call, userId);
  // Who was deactivated meanwhile had all sessions ended before this one was there.
  if ((await readAccount(db, userId))?.deactivatedMs === null) return seeOther(next, [done, login.cookie]);
  await login.undo();
  throw new UpstreamError('the account is deactivated');
}

function failed(provider: UpstreamProvider, reason: string): Response {
  log('warn', 'upstream.failed', { reason });
  return pageResponse(providerFailedPage(provider.name), 403);
}
