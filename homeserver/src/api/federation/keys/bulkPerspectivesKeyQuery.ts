import * as v from 'valibot';
import { badJson } from '../../../../../matrix/errors.ts';
import { parseServerName } from '../../../../../matrix/identifiers.ts';
import { queryKeys } from '../../../federation/notary.ts';
import { endpoint } from '../../endpoint.ts';

const maxServers = 50;
const criteria = v.object({
  /** Epoch ms. */
  minimum_valid_until_ts: v.optional(v.pipe(v.number(), v.integer()), 0),
});
const body = v.object({
  server_keys: v.pipe(v.record(v.string(), v.record(v.string(), criteria)), v.maxEntries(maxServers)),
});

/** https://spec.matrix.org/v1.16/server-server-api/#post_matrixkeyv2query */
export const bulkPerspectivesKeyQuery = endpoint({
  operationId: 'bulkPerspectivesKeyQuery',
  method: 'POST',
  paths: ['/_matrix/key/v2/query'],
  auth: 'none',
  rateLimit: 'default',
  body,
  async handler({ env, body: { server_keys: asked } }) {
    const wanted = Object.entries(asked).map(([name, keys]) => {
      const serverName = parseServerName(name);
      if (!serverName) throw badJson(`server_keys: ${name} is no server name`);
      const ends = Object.values(keys).map(({ minimum_valid_until_ts: endMs }) => endMs);
      return { serverName, keyIds: Object.keys(keys), minValidUntilMs: Math.max(0, ...ends) };
    });
    return { server_keys: await queryKeys(env, wanted) };
  },
});
