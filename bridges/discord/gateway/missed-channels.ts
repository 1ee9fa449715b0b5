import type { Snowflake } from '../snowflake.ts';
import type { MissedChannel } from './gateway-rpc.ts';
import type { GatewayStore } from './storage/gateway-store.ts';

/** As many as one run of the clock can do. */
const maxChannels = 20;

export function missedChannels(store: GatewayStore): MissedChannel[] {
  const owner = store.session.owner();
  if (!owner) return [];
  return store.channels.behind(maxChannels).flatMap((channel): MissedChannel[] => {
    const isThread = channel.kind === 'thread';
    const roomChannelId = isThread ? channel.parentId : channel.channelId;
    if (!roomChannelId || (isThread && store.channels.get(roomChannelId)?.kind !== 'text')) {
      store.channels.setCaughtUp(channel.channelId);
      return [];
    }
    const { channelId, guildId, seenId, lastId } = channel;
    return [{ ...owner, channelId, roomChannelId, isThread, guildId, seenId, lastId }];
  });
}

/** @returns nothing when live messages may go to the portal again */
export function finishCatchUp(
  store: GatewayStore,
  channelId: Snowflake,
  lastId: Snowflake | undefined,
): Snowflake | undefined {
  const channel = store.channels.get(channelId);
  if (!channel?.behind) return undefined;
  if (channel.lastId !== lastId) return channel.lastId;
  store.channels.setCaughtUp(channelId);
  return undefined;
}
