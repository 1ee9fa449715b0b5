import type { SendTarget } from '../../core/network-client.ts';
import { escapeMarkdown } from '../convert/escape-markdown.ts';
import { plainName } from '../convert/names.ts';
import { parseMessage } from '../discord-message.ts';
import { parseMessageName, type Snowflake } from '../snowflake.ts';
import type { DiscordSession } from './discord-session.ts';
import { userDisplayName } from './user-info.ts';

const maxExcerptChars = 80;
const start = '-# ↩ ';

/**
 * Webhooks cannot reply. The first line of their post says whom it answers, with a link that jumps there.
 * What cannot be found out is left out: a reply is better than none.
 */
export async function replyLine(
  session: DiscordSession,
  { replyTo }: SendTarget,
  mentions: readonly Snowflake[],
): Promise<string> {
  if (!replyTo) return '';
  const { channelId, messageId } = parseMessageName(replyTo.messageId);
  try {
    const place = await session.placeOf(channelId);
    const link = `https://discord.com/channels/${place?.guildId ?? '@me'}/${channelId}/${messageId}`;
    const { author, content } = parseMessage(await session.api.getMessage(channelId, messageId));
    const isPinged = author !== undefined && mentions.includes(author.id);
    const who = isPinged ? `<@${author.id}>` : author ? `**${escapeMarkdown(userDisplayName(author))}**` : '';
    return `${start}[Reply](${link}) ${who} ${excerpt(content)}`.trimEnd().concat('\n');
  } catch {
    return '';
  }
}

/** The line that a post begins with, if it is one of these. */
export function replyLineOf(content: string): string {
  return content.startsWith(start) ? content.slice(0, content.indexOf('\n') + 1) : '';
}

function excerpt(content: string): string {
  const line = plainName(content.slice(replyLineOf(content).length)).replace(/https?:\/\/\S+/g, '…');
  const short = line.length > maxExcerptChars ? `${line.slice(0, maxExcerptChars).toWellFormed()}…` : line;
  return escapeMarkdown(short);
}
