import { limitExceeded } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { countSessions, insertSession } from '../../../storage/d1/rendezvous-sessions.ts';
import { endpoint } from '../../endpoint.ts';
import { makeSessionId, readPayload, rendezvousPath, sessionHeaders } from './rendezvous-session.ts';

/** As long as a device without a browser waits to be let in. */
const lifetimeMs = 10 * 60_000;
/** Anybody can make them. */
const maxSessions = 1000;

/** https://github.com/matrix-org/matrix-spec-proposals/pull/4108 */
export const createRendezvousSession = endpoint({
  operationId: 'createRendezvousSession',
  method: 'POST',
  paths: [rendezvousPath],
  auth: 'none',
  rateLimit: 'login',
  async handler({ request, env, config }) {
    const payload = await readPayload(request);
    const db = openD1(env.DB, config.meter);
    const nowMs = Date.now();
    if ((await countSessions(db, nowMs)) >= maxSessions) throw limitExceeded(60_000);
    const sessionId = makeSessionId(config);
    const session = { sessionId, payload, version: 1, modifiedMs: nowMs, expiresMs: nowMs + lifetimeMs };
    await insertSession(db, session);
    const url = `${config.publicBaseUrl}${rendezvousPath}/${sessionId}`;
    return Response.json({ url }, { status: 201, headers: sessionHeaders(session) });
  },
});
