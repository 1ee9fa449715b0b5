import { fromV4Request, slidingV4Request } from '../../../protocol/sync/sliding-v4.ts';
import { endpoint } from '../../endpoint.ts';
import { askSync } from './ask-sync.ts';

/** MSC4186, as it was accepted. */
export const slidingSyncV4 = endpoint({
  operationId: 'slidingSyncV4',
  method: 'POST',
  paths: ['/_matrix/client/v4/sync'],
  auth: 'deferred',
  body: slidingV4Request,
  async handler(call) {
    const { pos, timeout, set_presence } = call.body;
    const query = {
      shape: 'v4',
      timeout: String(timeout),
      ...(pos !== undefined && { pos }),
      ...(set_presence !== undefined && { set_presence }),
    };
    return askSync(call, { kind: 'sliding', query, body: fromV4Request(call.body) }, timeout);
  },
});
