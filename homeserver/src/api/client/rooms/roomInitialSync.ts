import * as v from 'valibot';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { isPublished } from '../../../storage/d1/public-rooms.ts';
import { endpoint } from '../../endpoint.ts';
import { shownTo } from '../messages/ignored-senders.ts';
import { positionToken } from '../pagination-token.ts';
import { granted, integerField, roomIdParam, viewerOf } from '../room-requests.ts';

const maxLimit = 100;

/**
 * https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidinitialsync
 * Deprecated; clients look into rooms by it that they are not in.
 */
export const roomInitialSync = endpoint({
  operationId: 'roomInitialSync',
  method: 'GET',
  paths: ['/_matrix/client/v3/rooms/{roomId}/initialSync'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({ limit: v.optional(integerField(1, maxLimit), '20') }),
  async handler({ params, query, env, config, stubs }, requester) {
    const roomId = roomIdParam(params.roomId);
    const { userId } = requester;
    const room = stubs.room(roomId);
    const { events: state } = granted(await room.readState(userId));
    const [preview, read, isShown, kept, published] = await Promise.all([
      room.readPreview(userId),
      room.readMessages({ ...viewerOf(requester), dir: 'b', limit: query.limit }),
      shownTo(stubs, requester),
      stubs.user(userId).allAccountData(),
      isPublished(openD1(env.DB, config.meter), roomId),
    ]);
    const page = granted(read);
    const { membership } = granted(preview);
    return {
      room_id: roomId,
      ...(membership === undefined ? {} : { membership }),
      messages: {
        ...(page.end === undefined ? {} : { start: positionToken(page.end) }),
        end: positionToken(page.start),
        chunk: page.chunk.filter(isShown).reverse(),
      },
      state,
      visibility: published ? 'public' : 'private',
      account_data: asEvents(kept.rooms[roomId] ?? {}),
    };
  },
});

function asEvents(contents: Record<string, JsonObject>): { type: string; content: JsonObject }[] {
  return Object.entries(contents).map(([type, content]) => ({ type, content }));
}
