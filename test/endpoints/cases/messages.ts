import { ask, p } from '../../attacks/lib/attacker.ts';
import type { Cases } from '../lib/case.ts';
import type { World } from '../lib/world.ts';

const unknownEvent = `$${'A'.repeat(43)}`;
const reaction = (eventId: string) => ({
  'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key: '+' },
});

/** @returns the id of an event that waits */
async function delayed(world: World): Promise<string> {
  const path = p`/_matrix/client/v3/rooms/${world.roomId}/send/m.room.message/${world.name('txn')}`;
  const { body } = await ask(world.url, 'PUT', `${path}?org.matrix.msc4140.delay=3600000`, {
    token: world.olive.accessToken,
    body: { msgtype: 'm.text', body: 'later' },
  });
  return body.delay_id;
}

const unknownParent = ({ roomId }: World) => ({
  params: { roomId, eventId: unknownEvent, relType: 'm.thread', eventType: 'm.room.message' },
});
const relation = ({ roomId, eventId }: World) => ({
  params: { roomId, eventId, relType: 'm.thread', eventType: 'm.room.message' },
});

export const messages: Cases = {
  sendMessage: {
    '200': ({ roomId }) => ({
      params: { roomId, eventType: 'm.room.message', txnId: 'once' },
      body: { msgtype: 'm.text', body: 'once' },
    }),
    '400 M_DUPLICATE_ANNOTATION': async ({ olive, roomId, eventId }) => {
      await olive.send(roomId, 'm.reaction', reaction(eventId), 'first');
      return { params: { roomId, eventType: 'm.reaction', txnId: 'second' }, body: reaction(eventId) };
    },
    '403': ({ roomId, mallory }) => ({
      by: mallory,
      params: { roomId, eventType: 'm.room.message', txnId: 'once' },
      body: { msgtype: 'm.text', body: 'once' },
    }),
    '413 M_TOO_LARGE': ({ roomId }) => ({
      params: { roomId, eventType: 'm.room.message', txnId: 'large' },
      body: { msgtype: 'm.text', body: 'x'.repeat(70_000) },
    }),
  },
  redactEvent: {
    '200': async (world) => ({
      params: { roomId: world.roomId, eventId: await world.message(), txnId: 'redact' },
      body: { reason: 'noise' },
    }),
    '403': ({ roomId, eventId, mallory }) => ({
      by: mallory,
      params: { roomId, eventId, txnId: 'redact' },
      body: {},
    }),
  },
  getRoomEvents: {
    '200': ({ roomId }) => ({ params: { roomId }, query: { dir: 'b' } }),
    '403': ({ privateRoomId, mallory }) => ({
      by: mallory,
      params: { roomId: privateRoomId },
      query: { dir: 'b' },
    }),
  },
  getOneRoomEvent: {
    '200': ({ roomId, eventId }) => ({ params: { roomId, eventId } }),
    '404 M_NOT_FOUND': ({ roomId }) => ({ params: { roomId, eventId: unknownEvent } }),
  },
  getEventContext: {
    '200': ({ roomId, eventId }) => ({ params: { roomId, eventId } }),
    '404': ({ roomId }) => ({ params: { roomId, eventId: unknownEvent } }),
  },
  getEventByTimestamp: {
    '200': ({ roomId }) => ({ params: { roomId }, query: { ts: '0', dir: 'f' } }),
    '404 M_NOT_FOUND': ({ roomId }) => ({ params: { roomId }, query: { ts: '0', dir: 'b' } }),
  },
  getThreadRoots: {
    '200': ({ roomId }) => ({ params: { roomId } }),
    '400 M_INVALID_PARAM': ({ roomId }) => ({ params: { roomId }, query: { include: 'some' } }),
    '403 M_FORBIDDEN': ({ privateRoomId, mallory }) => ({ by: mallory, params: { roomId: privateRoomId } }),
  },
  getRelatingEvents: { '200': relation, '404 M_NOT_FOUND': unknownParent },
  getRelatingEventsWithRelType: { '200': relation, '404 M_NOT_FOUND': unknownParent },
  getRelatingEventsWithRelTypeAndEventType: { '200': relation, '404 M_NOT_FOUND': unknownParent },
  search: {
    '200': () => ({ body: { search_categories: { room_events: { search_term: 'dawn' } } } }),
    '400': () => ({ body: { search_categories: { room_events: {} } } }),
  },

  setTyping: {
    '200': ({ olive, roomId }) => ({
      params: { roomId, userId: olive.userId },
      body: { typing: true, timeout: 1000 },
    }),
    '403': ({ olive, mallory, roomId }) => ({
      by: mallory,
      params: { roomId, userId: olive.userId },
      body: { typing: true },
    }),
  },
  postReceipt: {
    '200': ({ roomId, eventId }) => ({ params: { roomId, eventId, receiptType: 'm.read' }, body: {} }),
    '400 M_INVALID_PARAM': ({ roomId, eventId }) => ({
      params: { roomId, eventId, receiptType: 'm.skimmed' },
      body: {},
    }),
  },
  setReadMarker: {
    '200': ({ roomId, eventId }) => ({
      params: { roomId },
      body: { 'm.fully_read': eventId, 'm.read': eventId },
    }),
    '400': ({ roomId }) => ({ params: { roomId }, body: { 'm.read': 7 } }),
  },

  getThreadSubscription: {
    '200': async ({ olive, roomId, eventId }) => {
      const path = p`/unstable/io.element.msc4306/rooms/${roomId}/thread/${eventId}/subscription`;
      await olive.ok('PUT', path, {});
      return { params: { roomId, threadId: eventId } };
    },
    '404 M_NOT_FOUND': ({ roomId }) => ({ params: { roomId, threadId: unknownEvent } }),
  },
  putThreadSubscription: {
    '200': ({ roomId, eventId }) => ({ params: { roomId, threadId: eventId }, body: {} }),
    '404 M_NOT_FOUND': ({ roomId }) => ({ params: { roomId, threadId: unknownEvent }, body: {} }),
  },
  deleteThreadSubscription: {
    '200': ({ roomId, eventId }) => ({ params: { roomId, threadId: eventId } }),
    '404 M_NOT_FOUND': ({ roomId }) => ({ params: { roomId, threadId: unknownEvent } }),
  },
  getThreadSubscriptions: {
    '200': () => ({ query: { dir: 'b' } }),
    '400 M_INVALID_PARAM': () => ({ query: { dir: 'b', from: 'nonsense' } }),
  },

  getDelayedEvents: { '200': () => ({}), '401 M_MISSING_TOKEN': () => ({ by: null }) },
  getDelayedEvent: {
    '200': async (world) => ({ params: { delayId: await delayed(world) } }),
    '404 M_NOT_FOUND': () => ({ params: { delayId: 'nonsense' } }),
  },
  cancelDelayedEvent: {
    '200': async (world) => ({ by: null, params: { delayId: await delayed(world) } }),
    '404 M_NOT_FOUND': () => ({ by: null, params: { delayId: 'nonsense' } }),
  },
  restartDelayedEvent: {
    '200': async (world) => ({ by: null, params: { delayId: await delayed(world) } }),
    '404 M_NOT_FOUND': () => ({ by: null, params: { delayId: 'nonsense' } }),
  },
  sendDelayedEvent: {
    '200': async (world) => ({ by: null, params: { delayId: await delayed(world) } }),
    '404 M_NOT_FOUND': () => ({ by: null, params: { delayId: 'nonsense' } }),
  },
  updateDelayedEvent: {
    '200': async (world) => ({
      by: null,
      params: { delayId: await delayed(world) },
      body: { action: 'cancel' },
    }),
    '400 M_INVALID_PARAM': () => ({ by: null, params: { delayId: 'nonsense' }, body: { action: 'sing' } }),
  },
};
