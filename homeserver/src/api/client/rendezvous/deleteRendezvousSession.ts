import { openD1 } from '../../../../../platform/d1.ts';
import { deleteSession } from '../../../storage/d1/rendezvous-sessions.ts';
import { endpoint } from '../../endpoint.ts';
import { noSession, rendezvousPath, sessionIdOf } from './rendezvous-session.ts';

/** https://github.com/matrix-org/matrix-spec-proposals/pull/4108 */
export const deleteRendezvousSession = endpoint({
  operationId: 'deleteRendezvousSession',
  method: 'DELETE',
  paths: [`${rendezvousPath}/{sessionId}`],
  auth: 'none',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const deleted = await deleteSession(openD1(env.DB, config.meter), sessionIdOf(params, config));
    if (!deleted) throw noSession();
    return new Response(null, { status: 204 });
  },
});
