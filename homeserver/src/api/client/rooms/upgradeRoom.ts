import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { upgradeRoom as upgrade } from '../../../services/upgrade-room.ts';
import { endpoint } from '../../endpoint.ts';
import { shortText } from '../request-fields.ts';
import { roomIdParam, userIdField } from '../room-requests.ts';

const maxCreators = 100;

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidupgrade */
export const upgradeRoom = endpoint({
  operationId: 'upgradeRoom',
  method: 'POST',
  paths: ['/_matrix/client/v3/rooms/{roomId}/upgrade'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({
    new_version: shortText,
    additional_creators: v.optional(v.pipe(v.array(userIdField), v.maxLength(maxCreators)), []),
  }),
  async handler({ body, params, env, config, stubs }, { userId }) {
    const replacement = await upgrade(
      { db: openD1(env.DB, config.meter), env, config, stubs },
      {
        roomId: roomIdParam(params.roomId),
        upgrader: userId,
        versionId: body.new_version,
        additionalCreators: body.additional_creators,
      },
      Date.now(),
    );
    return { replacement_room: replacement };
  },
});
