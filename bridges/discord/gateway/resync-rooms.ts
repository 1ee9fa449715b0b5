import type { RemoteEvent } from '../../core/remote-event.ts';
import type { RemoteChatId } from '../../core/remote-ids.ts';
import { channelChat, guildChat } from '../snowflake.ts';
import type { GatewayStore } from './storage/gateway-store.ts';

/** Few at a time: the heartbeat shares the alarm. */
const batchSize = 10;

/**
 * Tells portals of guilds and channels that are new or changed.
 * @returns whether there are more
 */
export async function resyncRooms(
  store: GatewayStore,
  nowMs: number,
  enqueue: (chatId: RemoteChatId, loginId: string, events: RemoteEvent[]) => Promise<void>,
): Promise<boolean> {
  const owner = store.session.owner();
  if (!owner) return false;
  const resync = (chatId: RemoteChatId, infoHash: string) =>
    enqueue(chatId, owner.loginId, [
      { kind: 'chatResync', chatId, timestampMs: nowMs, version: `${infoHash} ${nowMs}` },
    ]);
  const guilds = store.guilds.unsynced(batchSize);
  for (const { guildId, infoHash } of guilds) {
    await resync(guildChat(guildId), infoHash);
    store.guilds.setSynced(guildId, infoHash);
  }
  const channels = store.channels.unsynced(batchSize);
  await Promise.all(
    channels.map(async ({ channelId, infoHash }) => {
      await resync(channelChat(channelId), infoHash);
      store.channels.setSynced(channelId, infoHash);
    }),
  );
  return guilds.length === batchSize || channels.length === batchSize;
}
