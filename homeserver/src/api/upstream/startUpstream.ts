import { notFound } from '../../../../matrix/errors.ts';
import { log } from '../../../../platform/log.ts';
import { startUpstreamLogin, UpstreamError } from '../../services/upstream/provider.ts';
import { endpoint } from '../endpoint.ts';
import { nextPage } from '../oauth/next-page.ts';
import { pageResponse, seeOther } from '../pages/page-response.ts';
import { signedCookie } from './signed-cookie.ts';
import { providerFailedPage } from './upstream-pages.ts';

/** What the browser keeps until it comes back. */
export interface UpstreamCookie {
  state: string;
  nonce: string;
  verifier: string;
  next: string;
}

/** Sends a browser to the other provider. */
export const startUpstream = endpoint({
  operationId: 'startUpstream',
  method: 'GET',
  paths: ['/oauth2/upstream'],
  auth: 'none',
  rateLimit: 'login',
  async handler({ query, env, config }) {
    if (!config.upstream) throw notFound();
    try {
      const { location, attempt } = await startUpstreamLogin(config.upstream, env, config);
      const kept: UpstreamCookie = { ...attempt, next: nextPage(query.next ?? '') };
      return seeOther(location, [signedCookie('upstream', kept, config, Date.now())]);
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      log('warn', 'upstream.failed', { reason: error.message });
      return pageResponse(providerFailedPage(config.upstream.name), 502);
    }
  },
});
