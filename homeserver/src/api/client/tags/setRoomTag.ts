import * as v from 'valibot';
import { fromDenial, invalidParam } from '../../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { endpoint } from '../../endpoint.ts';
import { checkWritable, requireSelf, roomOf } from '../account-data/own-path.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3useruseridroomsroomidtagstag */
export const setRoomTag = endpoint({
  operationId: 'setRoomTag',
  method: 'PUT',
  paths: ['/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.looseObject({ order: v.nullish(v.pipe(v.number(), v.minValue(0), v.maxValue(1))) }),
  async handler({ params, body, stubs }, requester) {
    requireSelf(params, requester);
    const tag = params.tag ?? '';
    if (Buffer.byteLength(tag) > 255) throw invalidParam('A tag has at most 255 bytes');
    const content = body as JsonObject;
    checkWritable('m.tag', content);
    const result = await stubs.user(requester.userId).editTag(roomOf(params), tag, content);
    if (result.kind === 'denied') throw fromDenial(result);
    return {};
  },
});
