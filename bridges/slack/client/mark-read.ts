import * as v from 'valibot';
import type { RemoteChatId, RemoteMessageId } from '../../core/remote-ids.ts';
import { parseChatId, parseMessageId } from '../slack-ids.ts';
import type { SlackSession } from './slack-client.ts';

export async function markRead(
  session: SlackSession,
  chatId: RemoteChatId,
  upTo: RemoteMessageId,
): Promise<void> {
  const { channelId } = parseChatId(chatId);
  if (channelId === undefined) return;
  await session.api.read('conversations.mark', v.object({}), {
    channel: channelId,
    ts: parseMessageId(upTo).ts,
  });
}
