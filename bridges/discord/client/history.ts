import type { RemoteEvent, RemoteMessage } from '../../core/remote-event.ts';
import type { RemoteChatId, RemoteMessageId } from '../../core/remote-ids.ts';
import { isOwnWebhookPost, remoteMessage } from '../remote-events.ts';
import { errorCode, refusedWith } from '../rest/discord-error.ts';
import { parseChat, parseMessageName } from '../snowflake.ts';
import type { DiscordSession } from './discord-session.ts';

/** The newest messages of a channel, oldest first. What is said in threads comes when they go on. */
export async function recentEvents(
  session: DiscordSession,
  chatId: RemoteChatId,
  limit: number,
): Promise<RemoteEvent[]> {
  const chat = parseChat(chatId);
  if (chat.kind !== 'channel') return [];
  const place = await session.placeOf(chat.id);
  if (!place) return [];
  try {
    const newestFirst = await session.api.listMessages(chat.id, { limit: String(Math.min(limit, 100)) });
    return newestFirst.reverse().flatMap((raw) => {
      const message = isOwnWebhookPost(raw, session.applicationId) ? undefined : remoteMessage(raw, place);
      return message ?? [];
    });
  } catch (error) {
    // The bot may see the channel and yet not its past.
    if (refusedWith(error, errorCode.missingAccess, errorCode.missingPermissions)) return [];
    throw error;
  }
}

export async function fetchMessage(
  session: DiscordSession,
  name: RemoteMessageId,
): Promise<RemoteMessage | undefined> {
  const { channelId, messageId } = parseMessageName(name);
  try {
    const place = await session.placeOf(channelId);
    const raw = await session.api.getMessage(channelId, messageId);
    if (!place || isOwnWebhookPost(raw, session.applicationId)) return undefined;
    return remoteMessage(raw, place);
  } catch (error) {
    const { unknownMessage, unknownChannel, missingAccess } = errorCode;
    if (refusedWith(error, unknownMessage, unknownChannel, missingAccess)) return undefined;
    throw error;
  }
}
