import { endpoint } from '../../endpoint.ts';
import { manageDelayedEvent } from './manage-delayed-event.ts';

/** MSC4140, without an access token: the call that an event is about may outlive the session. It is sent no more. */
export const cancelDelayedEvent = endpoint({
  operationId: 'cancelDelayedEvent',
  method: 'POST',
  paths: ['/_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}/cancel'],
  auth: 'none',
  rateLimit: 'default',
  handler: ({ params, stubs }) => manageDelayedEvent(stubs, params.delayId, 'cancel'),
});
