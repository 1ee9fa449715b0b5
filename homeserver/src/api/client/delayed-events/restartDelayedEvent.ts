import { endpoint } from '../../endpoint.ts';
import { manageDelayedEvent } from './manage-delayed-event.ts';

/** MSC4140, without an access token: the call that an event is about may outlive the session. Its delay begins anew. */
export const restartDelayedEvent = endpoint({
  operationId: 'restartDelayedEvent',
  method: 'POST',
  paths: ['/_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}/restart'],
  auth: 'none',
  rateLimit: 'default',
  handler: ({ params, stubs }) => manageDelayedEvent(stubs, params.delayId, 'restart'),
});
