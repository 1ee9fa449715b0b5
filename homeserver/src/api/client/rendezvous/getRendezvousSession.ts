import { openD1 } from '../../../../../platform/d1.ts';
import { findSession } from '../../../storage/d1/rendezvous-sessions.ts';
import { endpoint } from '../../endpoint.ts';
import { noSession, rendezvousPath, sessionHeaders, sessionIdOf, versionOf } from './rendezvous-session.ts';

/** https://github.com/matrix-org/matrix-spec-proposals/pull/4108 */
export const getRendezvousSession = endpoint({
  operationId: 'getRendezvousSession',
  method: 'GET',
  paths: [`${rendezvousPath}/{sessionId}`],
  auth: 'none',
  rateLimit: 'default',
  async handler({ request, params, env, config }) {
    const session = await findSession(openD1(env.DB, config.meter), sessionIdOf(params, config), Date.now());
    if (!session) throw noSession();
    const headers = sessionHeaders(session);
    const known = versionOf(request.headers.get('if-none-match') ?? '');
    if (known === session.version) return new Response(null, { status: 304, headers });
    // matrix-js-sdk takes this very type only.
    return new Response(session.payload, { headers: { ...headers, 'content-type': 'text/plain' } });
  },
});
