import { createRequire } from 'node:module';
import { channelAudience } from '../event-audience.ts';
import { SlackApiError } from '../slack-api-error.ts';
import type { Simulation } from '../slack-simulator.ts';
import { nextTs } from '../timestamps.ts';
import { type Channel, type Message, type Team, type Token, teamOf } from '../world.ts';
import { requireMessage } from './messages.ts';

/** Slack's standard names: the `iamcal` set that Slack itself maintains. */
const standardNames: ReadonlySet<string> = new Set(
  Object.values(
    createRequire(import.meta.url)('emojibase-data/en/shortcodes/iamcal.json') as Record<
      string,
      string | string[]
    >,
  ).flat(),
);

function isKnownEmoji(team: Team, name: string): boolean {
  const base = name.replace(/::skin-tone-[2-6]$/, '');
  return standardNames.has(base) || team.emoji.has(name);
}

function emitReaction(
  simulation: Simulation,
  type: 'reaction_added' | 'reaction_removed',
  channel: Channel,
  message: Message,
  reaction: { name: string; userId: string },
): void {
  const team = teamOf(simulation.world, channel.teamId);
  simulation.deliveries.emit(
    team,
    {
      type,
      user: reaction.userId,
      reaction: reaction.name,
      item: { type: 'message', channel: channel.id, ts: message.ts },
      ...(message.userId ? { item_user: message.userId } : {}),
      event_ts: nextTs(simulation.world, channel),
    },
    channelAudience(channel, type, 'reactions:read'),
  );
}

/** @throws SlackApiError `invalid_name`, `message_not_found` or `already_reacted`. */
export function addReaction(
  simulation: Simulation,
  reactor: Token,
  channel: Channel,
  ts: string,
  name: string,
): void {
  if (!isKnownEmoji(teamOf(simulation.world, channel.teamId), name)) throw new SlackApiError('invalid_name');
  const message = requireMessage(channel, ts);
  const existing = message.reactions.find((reaction) => reaction.name === name);
  if (existing?.users.includes(reactor.userId)) throw new SlackApiError('already_reacted');
  if (existing) existing.users.push(reactor.userId);
  else message.reactions.push({ name, users: [reactor.userId] });
  emitReaction(simulation, 'reaction_added', channel, message, { name, userId: reactor.userId });
}

/** @throws SlackApiError `message_not_found` or `no_reaction`. */
export function removeReaction(
  simulation: Simulation,
  reactor: Token,
  channel: Channel,
  ts: string,
  name: string,
): void {
  const message = requireMessage(channel, ts);
  const existing = message.reactions.find((reaction) => reaction.name === name);
  if (!existing?.users.includes(reactor.userId)) throw new SlackApiError('no_reaction');
  existing.users = existing.users.filter((user) => user !== reactor.userId);
  message.reactions = message.reactions.filter((reaction) => reaction.users.length > 0);
  emitReaction(simulation, 'reaction_removed', channel, message, { name, userId: reactor.userId });
}
