import type { ClientEvent } from '../../../../matrix/events.ts';
import { done, type LaneResult } from '../lane-result.ts';
import type { PortalContext } from '../portal-context.ts';
import { changeResult, unsupported } from './change-result.ts';
import type { Speaker } from './pick-login.ts';
import { relationsOf } from './relations-of.ts';

export async function matrixReaction(
  portal: PortalContext,
  { open, sender }: Speaker,
  event: ClientEvent,
): Promise<LaneResult> {
  const { annotates } = relationsOf(event.content);
  const target = annotates && portal.store.messages.ofEvent(annotates.eventId).find((part) => !part.removed);
  if (!target) return { kind: 'done', reason: 'unknown target' };
  const { reactions } = open.client;
  if (!reactions) return unsupported('A reaction');
  const emoji = reactions.emojiOf(annotates.key);
  if (emoji === undefined) return unsupported(`The reaction ${annotates.key}`);
  const outcome = await reactions.add(target.messageId, emoji, { chatId: portal.chatId, sender });
  const result = changeResult(outcome);
  if (result.kind !== 'done') return result;
  portal.store.reactions.put({
    messageId: target.messageId,
    reactor: open.client.remoteUserId ?? sender.userId,
    emoji,
    eventId: event.event_id,
    sender: event.sender,
    loginId: open.login.loginId,
    timestampMs: 0,
  });
  return done;
}
