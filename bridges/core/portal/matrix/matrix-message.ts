import type { ClientEvent } from '../../../../matrix/events.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { SendTarget } from '../../network-client.ts';
import type { RemoteMessageId } from '../../remote-ids.ts';
import { done, type LaneResult } from '../lane-result.ts';
import type { PortalContext } from '../portal-context.ts';
import { matrixConversion } from './matrix-conversion.ts';
import type { Speaker } from './pick-login.ts';
import { postPart } from './post-part.ts';
import { type EventRelations, relationsOf } from './relations-of.ts';

/** A message goes to the network part by part, each through the outbox. */
export async function matrixMessage(
  portal: PortalContext,
  { open, sender }: Speaker,
  event: ClientEvent,
): Promise<LaneResult> {
  const outgoing = { event, content: withoutReplyFallback(event.content), sender };
  const parts = await open.client.convertEvent(outgoing, matrixConversion(portal));
  if (parts.length === 0) return { kind: 'done', reason: 'nothing to send' };
  const target = { chatId: portal.chatId, sender, ...targetOf(portal, relationsOf(event.content)) };
  for (const [index, part] of parts.entries()) {
    const failure = await postPart(portal, open, event, index, part, target);
    if (failure) return failure;
  }
  return done;
}

/** Thread and reply on the network's side. What is not bridged there is left out. */
function targetOf(
  portal: PortalContext,
  relations: EventRelations,
): Pick<SendTarget, 'threadRoot' | 'replyTo'> {
  const root = relations.threadRoot === undefined ? undefined : remoteOf(portal, relations.threadRoot);
  const reply = relations.repliesTo === undefined ? undefined : remoteOf(portal, relations.repliesTo);
  return {
    ...(root ? { threadRoot: root.threadRoot ?? root.messageId } : {}),
    ...(reply ? { replyTo: reply } : {}),
  };
}

function remoteOf(
  portal: PortalContext,
  eventId: string,
): { messageId: RemoteMessageId; threadRoot?: RemoteMessageId } | undefined {
  const message = portal.store.messages.ofEvent(eventId)[0];
  if (!message) return undefined;
  const { messageId, threadRoot } = message;
  return threadRoot === undefined ? { messageId } : { messageId, threadRoot };
}

/** Client-server API, "Fallbacks for rich replies" (removed in 1.13, still sent by old clients). */
export function withoutReplyFallback(content: JsonObject): JsonObject {
  if (relationsOf(content).repliesTo === undefined) return content;
  const { body, formatted_body: html } = content;
  return {
    ...content,
    ...(typeof body === 'string' ? { body: body.replace(/^(?:> [^\n]*\n)+\n?/, '') } : {}),
    ...(typeof html === 'string'
      ? { formatted_body: html.replace(/^<mx-reply>[\s\S]*?<\/mx-reply>/, '') }
      : {}),
  };
}
