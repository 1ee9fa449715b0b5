import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { dehydratedDevicePath } from './dehydrated-device-path.ts';
import { pageToken, readDehydratedEvents } from './read-dehydrated-events.ts';

/**
 * https://github.com/matrix-org/matrix-spec-proposals/pull/3814
 * matrix-js-sdk asks on for as long as it is given `next_batch`.
 */
export const getDehydratedDeviceEvents = endpoint({
  operationId: 'getDehydratedDeviceEvents',
  method: 'GET',
  paths: [`${dehydratedDevicePath}/{deviceId}/events`],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({
    from: v.optional(pageToken),
    limit: v.optional(v.pipe(v.string(), v.regex(/^[1-9][0-9]{0,8}$/), v.transform(Number))),
  }),
  async handler({ params, query, stubs }, { userId }) {
    const { from, limit } = query;
    const page = await readDehydratedEvents(stubs.user(userId), params.deviceId, from, limit);
    return page.events.length > 0 ? page : { events: [] };
  },
});
