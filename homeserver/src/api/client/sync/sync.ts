import * as v from 'valibot';
import { presenceStates } from '../../../protocol/sync/presence.ts';
import { endpoint } from '../../endpoint.ts';
import { askSync } from './ask-sync.ts';

const flag = v.optional(v.picklist(['true', 'false'], 'must be true or false'));

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3sync */
export const sync = endpoint({
  operationId: 'sync',
  method: 'GET',
  paths: ['/_matrix/client/v3/sync'],
  auth: 'deferred',
  query: v.object({
    since: v.optional(v.pipe(v.string(), v.maxLength(200))),
    timeout: v.optional(v.pipe(v.string(), v.regex(/^\d{1,12}$/, 'must be a number of milliseconds'))),
    filter: v.optional(v.pipe(v.string(), v.maxLength(64 * 1024))),
    full_state: flag,
    use_state_after: flag,
    'org.matrix.msc4222.use_state_after': flag,
    set_presence: v.optional(v.picklist(presenceStates)),
  }),
  async handler(call) {
    const query = Object.fromEntries(
      Object.entries(call.query).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    return askSync(call, { kind: 'sync', query }, Number(call.query.timeout ?? '0'));
  },
});
