import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { mutualRooms } from '../../../services/mutual-rooms.ts';
import { endpoint } from '../../endpoint.ts';
import { shortText } from '../request-fields.ts';
import { userIdField } from '../room-requests.ts';

const maxPage = 500;

/** https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1mutual_rooms */
export const getMutualRooms = endpoint({
  operationId: 'getMutualRooms',
  method: 'GET',
  paths: [
    '/_matrix/client/v1/mutual_rooms',
    '/_matrix/client/unstable/uk.half-shot.msc2666/user/mutual_rooms',
  ],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({ user_id: userIdField, from: v.optional(shortText) }),
  async handler({ query, env, config, stubs }, { userId }) {
    if (query.user_id === userId) throw invalidParam('user_id is your own');
    const after = query.from === undefined ? '' : Buffer.from(query.from, 'base64url').toString();
    if (query.from !== undefined && !after.startsWith('!')) throw invalidParam('from: unknown token');
    const parts = { db: openD1(env.DB, config.meter), config, stubs };
    const mutual = await mutualRooms(parts, userId, query.user_id);
    const left = mutual.filter((roomId) => roomId > after);
    const joined = left.slice(0, maxPage);
    const last = left.length > joined.length ? joined.at(-1) : undefined;
    return {
      joined,
      count: mutual.length,
      ...(last ? { next_batch: Buffer.from(last).toString('base64url') } : {}),
    };
  },
});
