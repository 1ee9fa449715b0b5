import { notFound } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { roomOfDelayId } from './delay-id.ts';
import { delayedEventFormat } from './delayed-event-format.ts';

/** MSC4140: one delayed event, for who scheduled it. */
export const getDelayedEvent = endpoint({
  operationId: 'getDelayedEvent',
  method: 'GET',
  paths: ['/_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ params: { delayId = '' }, stubs }, { userId }) {
    const roomId = roomOfDelayId(delayId);
    const all = await stubs.room(roomId).delayedEvents(userId);
    const delayed = all.find((one) => one.delayId === delayId);
    if (!delayed) throw notFound('No such delayed event');
    return delayedEventFormat(roomId, delayed);
  },
});
