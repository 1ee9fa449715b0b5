import type { Simulation } from '../discord-simulator.ts';
import { channelIntent } from '../gateway/intents.ts';
import { mayView } from '../permissions.ts';
import type { Application, Channel } from '../world.ts';

/** Tells the sessions that may see a channel, and asked for the topic, of something in it. */
export function dispatchInChannel(
  simulation: Simulation,
  channel: Channel,
  topic: 'messages' | 'reactions' | 'typing',
  event: string,
  data: (application: Application, intents: number) => Record<string, unknown>,
): void {
  simulation.gateway.dispatch({
    event,
    intent: channelIntent(topic, channel.guildId ? 'guild' : 'direct'),
    reaches: (application) => mayView(simulation.world, channel, application.botUserId),
    data,
  });
}

/** `guild_id`, in guilds. */
export function guildIdOf(channel: Channel): Record<string, unknown> {
  return channel.guildId ? { guild_id: channel.guildId } : {};
}
