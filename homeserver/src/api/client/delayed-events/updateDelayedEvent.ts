import * as v from 'valibot';
import { invalidParam, missingParam } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { manageDelayedEvent } from './manage-delayed-event.ts';

/** MSC4140 as it was before each action had a path of its own. */
export const updateDelayedEvent = endpoint({
  operationId: 'updateDelayedEvent',
  method: 'POST',
  paths: ['/_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}'],
  auth: 'none',
  rateLimit: 'default',
  body: v.object({ action: v.optional(v.unknown()) }),
  async handler({ body: { action }, params, stubs }) {
    if (action === undefined) throw missingParam('action is missing');
    if (action !== 'cancel' && action !== 'restart' && action !== 'send') {
      throw invalidParam('action: neither cancel, restart nor send');
    }
    return manageDelayedEvent(stubs, params.delayId, action);
  },
});
