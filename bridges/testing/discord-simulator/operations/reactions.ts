import { tooManyReactions, unknownEmoji } from '../discord-api-error.ts';
import type { Simulation } from '../discord-simulator.ts';
import { renderMember } from '../render/render-user.ts';
import type { Channel, Message, Reaction, World } from '../world.ts';
import { dispatchInChannel, guildIdOf } from './dispatching.ts';
import { requireMessage } from './messages.ts';

const maxDifferentReactions = 20;
const unicodeEmoji = /^\p{RGI_Emoji}$/v;

/** `name:id` of a custom emoji of any guild here, or one Unicode emoji. @throws DiscordApiError 10014 */
export function parseEmoji(world: World, text: string): Reaction['emoji'] {
  const custom = /^(?:a:)?(\w{2,32}):(\d{17,20})$/.exec(text);
  if (custom?.[2]) {
    for (const guild of world.guilds.values()) {
      const emoji = guild.emojis.get(custom[2]);
      if (emoji) return { id: emoji.id, name: emoji.name, ...(emoji.animated ? { animated: true } : {}) };
    }
    throw unknownEmoji();
  }
  if (!unicodeEmoji.test(text) && !unicodeEmoji.test(`${text}\ufe0f`)) throw unknownEmoji();
  return { id: null, name: text };
}

function sameEmoji(a: Reaction['emoji'], b: Reaction['emoji']): boolean {
  return a.id === b.id && (a.id !== null || a.name === b.name);
}

function dispatchReaction(
  simulation: Simulation,
  channel: Channel,
  message: Message,
  event: 'MESSAGE_REACTION_ADD' | 'MESSAGE_REACTION_REMOVE',
  reaction: { userId: string; emoji: Reaction['emoji'] },
): void {
  const { world } = simulation;
  const member = world.guilds.get(channel.guildId ?? '')?.members.get(reaction.userId);
  dispatchInChannel(simulation, channel, 'reactions', event, () => ({
    user_id: reaction.userId,
    channel_id: channel.id,
    message_id: message.id,
    ...guildIdOf(channel),
    emoji: reaction.emoji,
    burst: false,
    type: 0,
    ...(event === 'MESSAGE_REACTION_ADD'
      ? { message_author_id: message.author.id, ...(member ? { member: renderMember(world, member) } : {}) }
      : {}),
  }));
}

/** Does nothing when the reaction is there already. */
export function addReaction(
  simulation: Simulation,
  channel: Channel,
  messageId: string,
  emojiText: string,
  userId: string,
): void {
  const emoji = parseEmoji(simulation.world, emojiText);
  const message = requireMessage(channel, messageId);
  const existing = message.reactions.find((reaction) => sameEmoji(reaction.emoji, emoji));
  if (existing?.userIds.includes(userId)) return;
  if (!existing && message.reactions.length >= maxDifferentReactions) throw tooManyReactions();
  if (existing) existing.userIds.push(userId);
  else message.reactions.push({ emoji, userIds: [userId] });
  dispatchReaction(simulation, channel, message, 'MESSAGE_REACTION_ADD', { userId, emoji });
}

/** @throws DiscordApiError 10014 when the user has no such reaction there. */
export function removeReaction(
  simulation: Simulation,
  channel: Channel,
  messageId: string,
  emojiText: string,
  userId: string,
): void {
  const emoji = parseEmoji(simulation.world, emojiText);
  const message = requireMessage(channel, messageId);
  const existing = message.reactions.find((reaction) => sameEmoji(reaction.emoji, emoji));
  if (!existing?.userIds.includes(userId)) throw unknownEmoji();
  existing.userIds = existing.userIds.filter((id) => id !== userId);
  message.reactions = message.reactions.filter((reaction) => reaction.userIds.length > 0);
  dispatchReaction(simulation, channel, message, 'MESSAGE_REACTION_REMOVE', { userId, emoji });
}

/** Every reaction, or every one of one emoji. */
export function clearReactions(
  simulation: Simulation,
  channel: Channel,
  messageId: string,
  emojiText?: string,
): void {
  const message = requireMessage(channel, messageId);
  const common = { channel_id: channel.id, message_id: message.id, ...guildIdOf(channel) };
  if (emojiText === undefined) {
    message.reactions = [];
    dispatchInChannel(simulation, channel, 'reactions', 'MESSAGE_REACTION_REMOVE_ALL', () => common);
    return;
  }
  const emoji = parseEmoji(simulation.world, emojiText);
  message.reactions = message.reactions.filter((reaction) => !sameEmoji(reaction.emoji, emoji));
  dispatchInChannel(simulation, channel, 'reactions', 'MESSAGE_REACTION_REMOVE_EMOJI', () => ({
    ...common,
    emoji,
  }));
}
