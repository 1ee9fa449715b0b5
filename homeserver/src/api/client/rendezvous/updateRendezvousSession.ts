import { concurrentWrite, missingParam } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { findSession, replacePayload } from '../../../storage/d1/rendezvous-sessions.ts';
import { endpoint } from '../../endpoint.ts';
import {
  noSession,
  readPayload,
  rendezvousPath,
  sessionHeaders,
  sessionIdOf,
  versionOf,
} from './rendezvous-session.ts';

/** https://github.com/matrix-org/matrix-spec-proposals/pull/4108 */
export const updateRendezvousSession = endpoint({
  operationId: 'updateRendezvousSession',
  method: 'PUT',
  paths: [`${rendezvousPath}/{sessionId}`],
  auth: 'none',
  rateLimit: 'default',
  async handler({ request, params, env, config }) {
    const sessionId = sessionIdOf(params, config);
    const tag = request.headers.get('if-match');
    if (tag === null) throw missingParam('If-Match is missing');
    const payload = await readPayload(request);
    const db = openD1(env.DB, config.meter);
    const nowMs = Date.now();
    const replaced = await replacePayload(db, sessionId, payload, versionOf(tag) ?? 0, nowMs);
    if (replaced) return new Response(null, { status: 202, headers: sessionHeaders(replaced) });
    const session = await findSession(db, sessionId, nowMs);
    if (!session) throw noSession();
    throw concurrentWrite(sessionHeaders(session));
  },
});
