import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { dehydratedDevicePath } from './dehydrated-device-path.ts';
import { pageToken, readDehydratedEvents } from './read-dehydrated-events.ts';

/**
 * The former way to ask, which matrix-rust-sdk goes: it asks on until there are no events, by the `next_batch` of
 * the answer before, whatever that was.
 */
export const postDehydratedDeviceEvents = endpoint({
  operationId: 'postDehydratedDeviceEvents',
  method: 'POST',
  paths: [`${dehydratedDevicePath}/{deviceId}/events`],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({ next_batch: v.nullish(pageToken) }),
  async handler({ params, body, stubs }, { userId }) {
    return readDehydratedEvents(stubs.user(userId), params.deviceId, body.next_batch ?? undefined);
  },
});
