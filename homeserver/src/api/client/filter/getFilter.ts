import { endpoint } from '../../endpoint.ts';
import { found, requireSelf } from '../account-data/own-path.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3useruseridfilterfilterid */
export const getFilter = endpoint({
  operationId: 'getFilter',
  method: 'GET',
  paths: ['/_matrix/client/v3/user/{userId}/filter/{filterId}'],
  auth: 'accessToken',
  async handler({ params, stubs }, requester) {
    requireSelf(params, requester);
    const filter = await stubs.user(requester.userId).getFilter(params.filterId ?? '');
    return found(filter, 'There is no such filter');
  },
});
