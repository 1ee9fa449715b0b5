/** Gateway intents by bit (discord.com/developers/docs/events/gateway#list-of-intents). */
export const intent = {
  guilds: 1 << 0,
  guildMembers: 1 << 1,
  guildExpressions: 1 << 3,
  guildWebhooks: 1 << 5,
  guildPresences: 1 << 8,
  guildMessages: 1 << 9,
  guildReactions: 1 << 10,
  guildTyping: 1 << 11,
  directMessages: 1 << 12,
  directReactions: 1 << 13,
  directTyping: 1 << 14,
  messageContent: 1 << 15,
} as const;

export const privilegedIntents = intent.guildMembers | intent.guildPresences | intent.messageContent;

/** Every bit that Discord knows; an unknown one is closed with 4013. */
export const knownIntents = (1 << 26) - 1;

/** `channelKind` decides between the guild's bit and the direct message's. */
export function channelIntent(
  topic: 'messages' | 'reactions' | 'typing',
  channelKind: 'guild' | 'direct',
): number {
  const bits = {
    messages: { guild: intent.guildMessages, direct: intent.directMessages },
    reactions: { guild: intent.guildReactions, direct: intent.directReactions },
    typing: { guild: intent.guildTyping, direct: intent.directTyping },
  };
  return bits[topic][channelKind];
}
