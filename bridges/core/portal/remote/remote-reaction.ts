import { MatrixApiError } from '../../../../appservice/matrix-api-error.ts';
import type { RoomId } from '../../../../matrix/identifiers.ts';
import { hashOf } from '../../hash.ts';
import type { RemoteReaction, RemoteReactionRemove } from '../../remote-event.ts';
import { done, type LaneResult } from '../lane-result.ts';
import type { OpenLogin } from '../login-cache.ts';
import type { PortalContext } from '../portal-context.ts';
import { actAs } from '../senders.ts';
import { firstEvent } from './relations.ts';
import { signed } from './remote-message.ts';
import { redactAs } from './remote-remove.ts';

export async function remoteReaction(
  portal: PortalContext,
  open: OpenLogin,
  roomId: RoomId,
  reaction: RemoteReaction,
): Promise<LaneResult> {
  const { messages, reactions, lane } = portal.store;
  const { messageId, sender, emoji } = reaction;
  if (messages.ofMessage(messageId).length === 0) return { kind: 'park', waitsFor: messageId };
  const target = firstEvent(messages, messageId);
  if (!target) return { kind: 'done', reason: 'removed' };
  const [known] = reactions.find(messageId, sender.userId, emoji);
  if (known) reactions.setAgain(known.eventId, reaction.timestampMs);
  else {
    const txnId = hashOf(
      portal.bridge.connector.id,
      portal.chatId,
      messageId,
      'reaction',
      sender.userId,
      emoji,
      reaction.version,
    );
    const content = { 'm.relates_to': { rel_type: 'm.annotation', event_id: target, key: reaction.key } };
    const sent = await actAs(portal, open.client, sender, roomId, async (actor) => {
      const signedContent = signed(portal, actor, undefined, content);
      const dated = { ts: reaction.timestampMs };
      return {
        eventId: await actor.matrix.sendMessage(roomId, 'm.reaction', txnId, signedContent, dated),
        sender: actor.userId,
      };
    }).catch((error: unknown) => {
      // Two emoji of the network that are one in Matrix.
      if (error instanceof MatrixApiError && error.errcode === 'M_DUPLICATE_ANNOTATION') return undefined;
      throw error;
    });
    if (sent) {
      const { timestampMs } = reaction;
      reactions.put({
        messageId,
        reactor: sender.userId,
        emoji,
        ...sent,
        loginId: open.login.loginId,
        timestampMs,
      });
    }
  }
  lane.release(reactionKey(messageId, sender.userId, emoji));
  return done;
}

export async function remoteReactionRemove(
  portal: PortalContext,
  roomId: RoomId,
  removal: RemoteReactionRemove,
): Promise<LaneResult> {
  const { reactions } = portal.store;
  const { messageId, sender, emoji } = removal;
  const found = reactions.find(messageId, sender?.userId, emoji);
  if (found.length === 0 && sender && emoji !== undefined) {
    return { kind: 'park', waitsFor: reactionKey(messageId, sender.userId, emoji) };
  }
  for (const reaction of found) {
    // It was set again since, and that news was faster.
    if (removal.timestampMs < reaction.timestampMs) continue;
    const txnId = hashOf(portal.bridge.connector.id, portal.chatId, 'unreaction', reaction.eventId);
    await redactAs(portal, roomId, reaction.sender, reaction.eventId, txnId);
    reactions.delete(reaction.eventId);
  }
  return done;
}

/** What a removal waits for that arrives before its reaction. */
function reactionKey(messageId: string, userId: string, emoji: string): string {
  return `reaction ${messageId} ${userId} ${emoji}`;
}
