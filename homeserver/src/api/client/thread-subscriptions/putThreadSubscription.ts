import * as v from 'valibot';
import { MatrixError } from '../../../../../matrix/errors.ts';
import type { EventId } from '../../../../../matrix/identifiers.ts';
import type { RoomRpc, Viewer } from '../../../objects/room-rpc.ts';
import { threadOf as threadOfContent } from '../../../protocol/threads.ts';
import { endpoint } from '../../endpoint.ts';
import { eventIdField, granted, viewerOf } from '../room-requests.ts';
import { subscriptionPath, threadOf } from './thread-path.ts';

/** MSC4306. */
export const putThreadSubscription = endpoint({
  operationId: 'putThreadSubscription',
  method: 'PUT',
  paths: [subscriptionPath],
  auth: 'accessToken',
  rateLimit: 'default',
  /** `automatic`: the event of the thread by which a client subscribes by itself. */
  body: v.object({ automatic: v.optional(eventIdField) }),
  async handler(call, requester) {
    const thread = await threadOf(call, requester);
    const { stubs, body } = call;
    const room = stubs.room(thread.roomId);
    const causedAt =
      body.automatic && (await positionInThread(room, viewerOf(requester), thread, body.automatic));
    const user = stubs.user(requester.userId);
    granted(await user.subscribeToThread(thread.roomId, thread.threadId, causedAt));
    return {};
  },
});

/** @throws `M_NOT_IN_THREAD` */
async function positionInThread(
  room: RoomRpc,
  viewer: Viewer,
  { threadId }: { threadId: EventId },
  eventId: EventId,
): Promise<number> {
  // The state of the room is not asked for.
  const found = await room.readContext(viewer, eventId, 0, { types: [], lazy_load_members: true });
  if (found.kind === 'denied' || threadOfContent(found.event.content) !== threadId) {
    throw new MatrixError(400, 'IO.ELEMENT.MSC4306.M_NOT_IN_THREAD', 'The event is not in this thread');
  }
  return found.end;
}
