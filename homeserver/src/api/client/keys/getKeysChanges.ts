import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { shortText } from '../request-fields.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3keyschanges */
export const getKeysChanges = endpoint({
  operationId: 'getKeysChanges',
  method: 'GET',
  paths: ['/_matrix/client/v3/keys/changes'],
  auth: 'accessToken',
  query: v.object({ from: shortText, to: v.optional(shortText) }),
  async handler({ query, stubs }, { userId }) {
    return stubs.user(userId).deviceListChanges(query.from, query.to);
  },
});
