import { MessageType } from 'discord-api-types/v10';
import type { DiscordMessage } from '../discord-message.ts';
import { plainName } from './names.ts';

const written = new Set<number>([
  MessageType.Default,
  MessageType.Reply,
  MessageType.ChatInputCommand,
  MessageType.ContextMenuCommand,
]);

/** Whether somebody wrote it, as against Discord telling that something happened. */
export function isWritten({ type }: DiscordMessage): boolean {
  return written.has(type);
}

/** What Discord tells in its own words, which are not in the message. Nothing for what the room need not hear. */
export function systemText({ type, content }: DiscordMessage): string | undefined {
  switch (type) {
    case MessageType.ChannelPinnedMessage:
      return 'pinned a message';
    case MessageType.UserJoin:
      return 'joined the server';
    case MessageType.GuildBoost:
    case MessageType.GuildBoostTier1:
    case MessageType.GuildBoostTier2:
    case MessageType.GuildBoostTier3:
      return 'boosted the server';
    case MessageType.ThreadCreated:
      return `started a thread: ${plainName(content)}`;
    case MessageType.PollResult:
      return 'closed a poll';
    default:
      return undefined;
  }
}
