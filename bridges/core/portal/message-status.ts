import type { ClientEvent } from '../../../matrix/events.ts';
import { errorText, log } from '../../../platform/log.ts';
import { hashOf } from '../hash.ts';
import type { PortalContext } from './portal-context.ts';

/**
 * Says on a message that it did not reach the network: as the status event that some clients show, and as a
 * reply for the others. Success needs no words.
 * @param where the status alone, or a reply that everybody sees too
 */
export async function tellFailure(
  portal: PortalContext,
  event: ClientEvent,
  reason: string,
  notice: string,
  where: 'on the message' | 'in the room too',
): Promise<void> {
  const { matrix } = portal.bridge.config;
  const roomId = portal.store.facts.get().roomId ?? event.room_id;
  if (!roomId) return;
  const txnId = (kind: string) => hashOf(portal.bridge.connector.id, 'status', kind, event.event_id);
  try {
    await matrix.sendMessage(roomId, 'com.beeper.message_send_status', txnId('event'), {
      'm.relates_to': { rel_type: 'm.reference', event_id: event.event_id },
      network: portal.bridge.connector.id,
      status: 'FAIL_PERMANENT',
      reason: 'm.event_not_handled',
      error: notice,
      internal_error: reason,
      message: notice,
    });
    if (where === 'on the message') return;
    await matrix.sendMessage(roomId, 'm.room.message', txnId('notice'), {
      msgtype: 'm.notice',
      body: `⚠️ Not sent: ${notice}`,
      'm.mentions': { user_ids: [event.sender] },
      'm.relates_to': { 'm.in_reply_to': { event_id: event.event_id } },
    });
  } catch (error) {
    log('warn', 'bridge.failure_not_told', { eventId: event.event_id, error: errorText(error) });
  }
}

/** Says in the room that something from the network could not be shown. */
export async function tellLoss(portal: PortalContext, key: string): Promise<void> {
  const { matrix } = portal.bridge.config;
  const { roomId } = portal.store.facts.get();
  if (!roomId) return;
  try {
    await matrix.sendMessage(roomId, 'm.room.message', hashOf(portal.bridge.connector.id, 'loss', key), {
      msgtype: 'm.notice',
      body: `⚠️ Something from ${portal.bridge.connector.displayName} could not be shown here.`,
    });
  } catch (error) {
    log('warn', 'bridge.loss_not_told', { chatId: portal.chatId, error: errorText(error) });
  }
}
