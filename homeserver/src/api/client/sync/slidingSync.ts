import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../../../../matrix/json.ts';
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
  }),
  body: v.custom<JsonObject>(isJsonObject, 'must be an object'),
  async handler(call) {
    const { pos, timeout } = call.query;
    const query = { ...(pos !== undefined && { pos }), ...(timeout !== undefined && { timeout }) };
    return askSync(call, { kind: 'sliding', query, body: call.body }, Number(timeout ?? '0'));
  },
});
