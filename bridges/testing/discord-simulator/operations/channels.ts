import type { Simulation } from '../discord-simulator.ts';
import { intent } from '../gateway/intents.ts';
import { mayView } from '../permissions.ts';
import { renderChannel } from '../render/render-channel.ts';
import { renderMember } from '../render/render-user.ts';
import { type Channel, channelsOf, channelType, type Guild } from '../world.ts';
import { dispatchInChannel, guildIdOf } from './dispatching.ts';

export function createGuildChannel(
  simulation: Simulation,
  guild: Guild,
  options: { name: string; type: number; topic: string | null; parentId: string | null },
): Channel {
  const { world } = simulation;
  const channel: Channel = {
    id: world.snowflakes.next(),
    type: options.type,
    guildId: guild.id,
    name: options.name,
    topic: options.topic,
    parentId: options.parentId,
    position: channelsOf(world, guild.id).length,
    overwrites: [],
    messages: new Map(),
    lastMessageId: null,
    recipientIds: [],
  };
  world.channels.set(channel.id, channel);
  dispatchChannel(simulation, channel, 'CHANNEL_CREATE');
  return channel;
}

export function dispatchChannel(
  simulation: Simulation,
  channel: Channel,
  event: 'CHANNEL_CREATE' | 'CHANNEL_UPDATE' | 'CHANNEL_DELETE',
): void {
  simulation.gateway.dispatch({
    event,
    intent: intent.guilds,
    reaches: (application) => mayView(simulation.world, channel, application.botUserId),
    data: (application) => renderChannel(simulation.world, channel, application.botUserId),
  });
}

export function changeChannel(
  simulation: Simulation,
  channel: Channel,
  changes: { name?: string; topic?: string | null },
): void {
  if (changes.name !== undefined) channel.name = changes.name;
  if (changes.topic !== undefined) channel.topic = changes.topic;
  dispatchChannel(simulation, channel, 'CHANNEL_UPDATE');
}

/** Deletes it with its threads and webhooks. */
export function deleteChannel(simulation: Simulation, channel: Channel): void {
  const { world } = simulation;
  for (const thread of world.channels.values()) {
    if (thread.thread && thread.parentId === channel.id) world.channels.delete(thread.id);
  }
  for (const webhook of world.webhooks.values()) {
    if (webhook.channelId === channel.id) world.webhooks.delete(webhook.id);
  }
  dispatchChannel(simulation, channel, 'CHANNEL_DELETE');
  world.channels.delete(channel.id);
}

/** The direct message of two accounts: always the same one. */
export function openDm(simulation: Simulation, userId: string, otherId: string): Channel {
  const { world } = simulation;
  for (const channel of world.channels.values()) {
    const { recipientIds } = channel;
    if (channel.type === channelType.dm && recipientIds.includes(userId) && recipientIds.includes(otherId)) {
      return channel;
    }
  }
  const channel: Channel = {
    id: world.snowflakes.next(),
    type: channelType.dm,
    name: '',
    topic: null,
    parentId: null,
    position: 0,
    overwrites: [],
    messages: new Map(),
    lastMessageId: null,
    recipientIds: [userId, otherId],
  };
  world.channels.set(channel.id, channel);
  return channel;
}

export function startTyping(simulation: Simulation, channel: Channel, userId: string): void {
  const { world } = simulation;
  const member = world.guilds.get(channel.guildId ?? '')?.members.get(userId);
  dispatchInChannel(simulation, channel, 'typing', 'TYPING_START', () => ({
    channel_id: channel.id,
    ...guildIdOf(channel),
    user_id: userId,
    timestamp: Math.floor(world.clock.nowMs() / 1000),
    ...(member ? { member: renderMember(world, member) } : {}),
  }));
}
