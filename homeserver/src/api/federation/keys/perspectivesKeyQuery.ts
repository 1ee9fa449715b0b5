import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import { parseServerName } from '../../../../../matrix/identifiers.ts';
import { queryKeys } from '../../../federation/notary.ts';
import { endpoint } from '../../endpoint.ts';

const queryParameters = v.object({
  /** Epoch ms. */
  minimum_valid_until_ts: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number))),
});

/** https://spec.matrix.org/v1.16/server-server-api/#get_matrixkeyv2queryservername */
export const perspectivesKeyQuery = endpoint({
  operationId: 'perspectivesKeyQuery',
  method: 'GET',
  paths: ['/_matrix/key/v2/query/{serverName}', '/_matrix/key/v2/query/{serverName}/{keyId}'],
  auth: 'none',
  rateLimit: 'default',
  query: queryParameters,
  async handler({ env, params, query }) {
    const serverName = parseServerName(params.serverName ?? '');
    if (!serverName) throw invalidParam('Not a server name');
    const minValidUntilMs = query.minimum_valid_until_ts ?? 0;
    return { server_keys: await queryKeys(env, [{ serverName, keyIds: [], minValidUntilMs }]) };
  },
});
