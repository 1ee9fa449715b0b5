import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../../../../matrix/json.ts';
import { presenceStates } from '../../../protocol/sync/presence.ts';
import { endpoint } from '../../endpoint.ts';
import { askSync } from './ask-sync.ts';

/** MSC4186, in the shape that clients use. The user's object checks the body. */
export const slidingSync = endpoint({
  operationId: 'slidingSync',
  method: 'POST',
  paths: ['/_matrix/client/unstable/org.matrix.simplified_msc3575/sync'],
  auth: 'deferred',
  query: v.object({
    pos: v.optional(v.pipe(v.string(), v.maxLength(200))),
    timeout: v.optional(v.pipe(v.string(), v.regex(/^\d{1,12}$/, 'must be a number of milliseconds'))),
    set_presence: v.optional(v.picklist(presenceStates)),
  }),
  body: v.custom<JsonObject>(isJsonObject, 'must be an object'),
  async handler(call) {
    const query = Object.fromEntries(
      Object.entries(call.query).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    return askSync(call, { kind: 'sliding', query, body: call.body }, Number(call.query.timeout ?? '0'));
  },
});
