import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';

const maxLimit = 100;
const defaultLimit = 20;

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3notifications */
export const getNotifications = endpoint({
  operationId: 'getNotifications',
  method: 'GET',
  paths: ['/_matrix/client/v3/notifications'],
  auth: 'accessToken',
  query: v.object({
    from: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'not a token of this endpoint'))),
    limit: v.optional(v.pipe(v.string(), v.regex(/^\d{1,9}$/, 'must be a number'))),
    only: v.optional(v.pipe(v.string(), v.maxLength(255))),
  }),
  async handler({ query, stubs }, { userId, deviceId }) {
    const limit = Math.min(Math.max(1, Number(query.limit ?? defaultLimit)), maxLimit);
    const page = await stubs.user(userId).notifications({
      deviceId,
      ...(query.from !== undefined && { before: Number(query.from) }),
      limit,
      highlightsOnly: query.only === 'highlight',
    });
    return {
      notifications: page.notifications.map(({ roomId, ...shown }) => ({ room_id: roomId, ...shown })),
      ...(page.next !== undefined && { next_token: String(page.next) }),
    };
  },
});
