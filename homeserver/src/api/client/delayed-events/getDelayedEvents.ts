import { mapConcurrently } from '../../../../../platform/map-concurrently.ts';
import { endpoint } from '../../endpoint.ts';
import { delayedEventFormat } from './delayed-event-format.ts';

/**
 * MSC4140: what the user has scheduled. Rooms have it, so all joined ones are asked; clients ask for it seldom, and
 * elsewhere nothing would be sent anyway.
 */
export const getDelayedEvents = endpoint({
  operationId: 'getDelayedEvents',
  method: 'GET',
  paths: ['/_matrix/client/unstable/org.matrix.msc4140/delayed_events'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler({ stubs }, { userId }) {
    const rooms = await stubs.user(userId).joinedRooms();
    const ofRooms = await mapConcurrently(rooms, 6, async (roomId) => {
      const delayed = await stubs.room(roomId).delayedEvents(userId);
      return delayed.map((one) => delayedEventFormat(roomId, one));
    });
    return { delayed_events: ofRooms.flat() };
  },
});
