import { notFound } from '../../../../../matrix/errors.ts';
import type { EventId, RoomId } from '../../../../../matrix/identifiers.ts';
import type { Call, Requester } from '../../endpoint.ts';
import { eventIdParam, roomIdParam, viewerOf } from '../room-requests.ts';

/** MSC4306 has no stable name yet. */
export const subscriptionPath =
  '/_matrix/client/unstable/io.element.msc4306/rooms/{roomId}/thread/{threadId}/subscription';

/** The thread in the path. @throws `M_NOT_FOUND` if the requester cannot see its root */
export async function threadOf(
  { params, stubs }: Pick<Call<unknown, unknown>, 'params' | 'stubs'>,
  requester: Requester,
): Promise<{ roomId: RoomId; threadId: EventId }> {
  const roomId = roomIdParam(params.roomId);
  const threadId = eventIdParam(params.threadId);
  const root = await stubs.room(roomId).readEvent(viewerOf(requester), threadId);
  if (root.kind === 'denied') throw notFound('No such thread');
  return { roomId, threadId };
}
