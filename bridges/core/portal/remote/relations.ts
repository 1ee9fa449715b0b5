import type { EventId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { RemoteMessageId } from '../../remote-ids.ts';
import type { MessageMap } from '../storage/message-map.ts';

/** Client-server API, "Threading" and "Rich replies". What is not bridged cannot be referred to. */
export function relation(
  messages: MessageMap,
  {
    threadRoot,
    replyTo,
  }: { threadRoot?: RemoteMessageId | undefined; replyTo?: RemoteMessageId | undefined },
): JsonObject | undefined {
  const root = threadRoot && firstEvent(messages, threadRoot);
  const reply = replyTo && firstEvent(messages, replyTo);
  if (root) {
    return {
      rel_type: 'm.thread',
      event_id: root,
      is_falling_back: !reply,
      'm.in_reply_to': { event_id: reply ?? root },
    };
  }
  return reply ? { 'm.in_reply_to': { event_id: reply } } : undefined;
}

/** The first event of a message that is still there. */
export function firstEvent(messages: MessageMap, messageId: RemoteMessageId): EventId | undefined {
  return messages.ofMessage(messageId).find((part) => !part.removed)?.eventId;
}

/** A replacement of an event, with the fallback for clients that know none. */
export function replacement(eventId: EventId, content: JsonObject): JsonObject {
  const { body, formatted_body: html } = content;
  return {
    ...content,
    ...(typeof body === 'string' ? { body: `* ${body}` } : {}),
    ...(typeof html === 'string' ? { formatted_body: `* ${html}` } : {}),
    // Nobody is pinged again by an edit.
    'm.mentions': {},
    'm.new_content': content,
    'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
  };
}
