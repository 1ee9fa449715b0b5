import type { RoomId } from '../../../../matrix/identifiers.ts';
import type { RemoteReceipt } from '../../remote-event.ts';
import { done, type LaneResult } from '../lane-result.ts';
import type { PortalContext } from '../portal-context.ts';
import { personOf } from '../senders.ts';

/** Read marks are carried over for people who are logged in here; ghosts read nothing. */
export async function remoteReceipt(
  portal: PortalContext,
  roomId: RoomId,
  { messageId, sender }: RemoteReceipt,
): Promise<LaneResult> {
  const person = await personOf(portal, sender.userId);
  const eventId = portal.store.messages.ofMessage(messageId).at(-1)?.eventId;
  if (person && eventId) {
    await person.matrix.setReadMarker(roomId, { 'm.read': eventId, 'm.fully_read': eventId });
  }
  return done;
}
