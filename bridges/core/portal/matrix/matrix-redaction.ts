import type { ClientEvent } from '../../../../matrix/events.ts';
import { done, type LaneResult } from '../lane-result.ts';
import type { PortalContext } from '../portal-context.ts';
import { changeResult, unsupported } from './change-result.ts';
import type { Speaker } from './pick-login.ts';

/** Redacting a message removes it on the network, redacting a reaction takes that back. */
export async function matrixRedaction(
  portal: PortalContext,
  speaker: Speaker,
  event: ClientEvent,
): Promise<LaneResult> {
  const redacts = event.redacts ?? event.content.redacts;
  if (typeof redacts !== 'string') return { kind: 'done', reason: 'redacts nothing' };
  const reaction = portal.store.reactions.ofEvent(redacts);
  return reaction ? takeBack(portal, speaker, redacts) : remove(portal, speaker, redacts);
}

async function remove(
  portal: PortalContext,
  { open, sender }: Speaker,
  redacts: string,
): Promise<LaneResult> {
  const { messages } = portal.store;
  for (const message of messages.ofEvent(redacts)) {
    if (message.removed) continue;
    if (!open.client.removals) return unsupported('A deletion');
    const outcome = await open.client.removals.remove(message.messageId, { chatId: portal.chatId, sender });
    const result = changeResult(outcome);
    if (result.kind !== 'done') return result;
    messages.setRemoved(message.messageId, message.part);
  }
  return done;
}

async function takeBack(
  portal: PortalContext,
  { open, sender }: Speaker,
  redacts: string,
): Promise<LaneResult> {
  const { reactions } = portal.store;
  const reaction = reactions.ofEvent(redacts);
  if (!reaction || !open.client.reactions) return done;
  const { messageId, emoji, loginId } = reaction;
  const isOwn = loginId === open.login.loginId && reaction.sender === sender.userId;
  // One account stands for several people when relaying: the emoji stays until the last one takes it back.
  const isShared =
    reactions.find(messageId, undefined, emoji).filter((other) => other.loginId === loginId).length > 1;
  const isLast = open.client.remoteUserId !== undefined || !isShared;
  if (isOwn && isLast) {
    const target = { chatId: portal.chatId, sender };
    const result = changeResult(await open.client.reactions.remove(messageId, emoji, target));
    if (result.kind !== 'done') return result;
  }
  reactions.delete(reaction.eventId);
  return done;
}
