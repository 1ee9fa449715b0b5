import type { SendTarget } from '../../core/network-client.ts';
import { plainName } from '../convert/names.ts';
import { parseMessage } from '../discord-message.ts';
import { errorCode, refusedWith } from '../rest/discord-error.ts';
import { parseChat, parseMessageName, type Snowflake } from '../snowflake.ts';
import type { DiscordSession } from './discord-session.ts';

/** Where a post goes: the portal's channel, or a thread in it. */
export interface PostTarget {
  channelId: Snowflake;
  threadId: Snowflake | undefined;
}

export function postTarget({ chatId, threadRoot, replyTo }: SendTarget): PostTarget {
  const root = threadRoot ?? replyTo?.threadRoot;
  // A thread has the id of the message that it began with.
  return { channelId: parseChat(chatId).id, threadId: root && parseMessageName(root).messageId };
}

/** Somebody of Matrix begins a thread: Discord has none at that message yet. @throws DiscordError */
export async function makeThread(session: DiscordSession, channelId: Snowflake, rootId: Snowflake) {
  const root = await session.api.getMessage(channelId, rootId).catch(() => undefined);
  const name = root ? plainName(parseMessage(root).content).slice(0, 60).toWellFormed() : '';
  try {
    await session.api.createThreadFromMessage(channelId, rootId, name || 'Thread');
  } catch (error) {
    if (!refusedWith(error, errorCode.threadExistsAlready)) throw error;
  }
}
