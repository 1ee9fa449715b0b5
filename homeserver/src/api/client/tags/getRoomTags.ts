import { isJsonObject } from '../../../../../matrix/json.ts';
import { endpoint } from '../../endpoint.ts';
import { requireSelf, roomOf } from '../account-data/own-path.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3useruseridroomsroomidtags */
export const getRoomTags = endpoint({
  operationId: 'getRoomTags',
  method: 'GET',
  paths: ['/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags'],
  auth: 'accessToken',
  async handler({ params, stubs }, requester) {
    requireSelf(params, requester);
    const content = await stubs.user(requester.userId).getAccountData('m.tag', roomOf(params));
    return { tags: isJsonObject(content?.tags) ? content.tags : {} };
  },
});
