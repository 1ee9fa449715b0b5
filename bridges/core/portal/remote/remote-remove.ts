import { MatrixApiError } from '../../../../appservice/matrix-api-error.ts';
import type { RoomId } from '../../../../matrix/identifiers.ts';
import { hashOf } from '../../hash.ts';
import type { RemoteRemove } from '../../remote-event.ts';
import { done, type LaneResult } from '../lane-result.ts';
import type { PortalContext } from '../portal-context.ts';
import { actorFor } from '../senders.ts';
import type { MappedMessage } from '../storage/message-map.ts';

export async function remoteRemove(
  portal: PortalContext,
  roomId: RoomId,
  { messageId }: RemoteRemove,
): Promise<LaneResult> {
  const known = portal.store.messages.ofMessage(messageId);
  if (known.length === 0) return { kind: 'park', waitsFor: messageId };
  for (const part of known) if (!part.removed) await redactPart(portal, roomId, part, 'remove');
  return done;
}

/** Redacts an event as its sender, or if that is refused as the bot. */
export async function redactPart(
  portal: PortalContext,
  roomId: RoomId,
  part: MappedMessage,
  cause: string,
): Promise<void> {
  const txnId = hashOf(portal.bridge.connector.id, portal.chatId, part.messageId, part.part, cause);
  await redactAs(portal, roomId, part.sender, part.eventId, txnId);
  portal.store.messages.setRemoved(part.messageId, part.part);
}

export async function redactAs(
  portal: PortalContext,
  roomId: RoomId,
  sender: string,
  eventId: string,
  txnId: string,
): Promise<void> {
  const { matrix, botUserId } = portal.bridge.config;
  const actor = actorFor(portal, sender);
  try {
    await actor.matrix.redactEvent(roomId, eventId, txnId);
  } catch (error) {
    const isRefused = error instanceof MatrixApiError && (error.status === 403 || error.status === 401);
    if (!isRefused || actor.userId === botUserId) throw error;
    await matrix.redactEvent(roomId, eventId, txnId);
  }
}
