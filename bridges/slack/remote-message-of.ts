import type { JsonObject } from '../../matrix/json.ts';
import type { RemoteEdit, RemoteEvent, RemoteMessage, RemoteSender } from '../core/remote-event.ts';
import { keyOfName } from './convert/emoji.ts';
import { chatIdOf, messageIdOf, msOfTs, userIdOf } from './slack-ids.ts';
import { markOfMessage, type SlackMessage } from './slack-message.ts';

/** Subtypes that are something somebody said. All others tell of changes, which the room shows itself. */
const spoken = new Set([
  undefined,
  'bot_message',
  'me_message',
  'file_share',
  'thread_broadcast',
  'huddle_thread',
  'reply_broadcast',
  'slackbot_response',
  'reminder_add',
]);

export function isSpoken({ subtype }: SlackMessage): boolean {
  return spoken.has(subtype);
}

export function remoteMessageOf(teamId: string, channelId: string, message: SlackMessage): RemoteMessage {
  const mark = markOfMessage(message);
  const threadRoot = message.thread_ts;
  return {
    kind: 'message',
    chatId: chatIdOf(teamId, channelId),
    messageId: messageIdOf(teamId, channelId, message.ts),
    timestampMs: msOfTs(message.ts),
    sender: senderOf(teamId, message),
    ...(threadRoot && threadRoot !== message.ts
      ? { threadRoot: messageIdOf(teamId, channelId, threadRoot) }
      : {}),
    ...(mark ? { mark } : {}),
    raw: rawOf(message),
  };
}

/** @param changedTs when it became what it is; the same whether an event or the history tells */
export function remoteEditOf(
  teamId: string,
  channelId: string,
  message: SlackMessage,
  changedTs: string,
): RemoteEdit {
  const version = message.edited?.ts ?? changedTs;
  return {
    kind: 'edit',
    chatId: chatIdOf(teamId, channelId),
    messageId: messageIdOf(teamId, channelId, message.ts),
    timestampMs: msOfTs(version),
    version,
    sender: senderOf(teamId, message),
    raw: rawOf(message),
  };
}

/** Without what the conversion does not read. */
export function rawOf(message: SlackMessage): JsonObject {
  const { reactions: _reactions, metadata: _metadata, ...rest } = message;
  return rest as JsonObject;
}

/** People have a `user`, integrations only a `bot_id` and often a name of the moment. */
export function senderOf(teamId: string, message: SlackMessage): RemoteSender {
  const { user, bot_id: botId, username, icons } = message;
  if (user && !(message.subtype === 'bot_message' && username)) return { userId: userIdOf(teamId, user) };
  const userId = userIdOf(teamId, botId ?? user ?? 'USLACKBOT');
  if (!username) return { userId };
  const image = icons?.image_72 ?? icons?.image_48;
  return { userId, as: { name: username, ...(typeof image === 'string' ? { avatarUrl: image } : {}) } };
}

/** The reactions that a message of the history has, as if each had just been set. */
export function reactionsOf(teamId: string, channelId: string, message: SlackMessage): RemoteEvent[] {
  return (message.reactions ?? []).flatMap(({ name, users }) =>
    users.map((user) => ({
      kind: 'reaction' as const,
      chatId: chatIdOf(teamId, channelId),
      messageId: messageIdOf(teamId, channelId, message.ts),
      timestampMs: msOfTs(message.ts),
      sender: { userId: userIdOf(teamId, user) },
      emoji: name,
      key: keyOfName(name),
      version: 'history',
    })),
  );
}
