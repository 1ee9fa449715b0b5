import type { Bridge } from '../core/bridge.ts';
import { portalOf } from '../core/portal-stub.ts';
import type { RemoteEvent } from '../core/remote-event.ts';
import { asLoginId } from '../core/remote-ids.ts';
import { DiscordSession } from './client/discord-session.ts';
import type { DiscordEnv } from './discord-env.ts';
import type { MissedChannel } from './gateway/gateway-rpc.ts';
import { gatewayOf } from './gateway/gateway-stub.ts';
import { isOwnWebhookPost, remoteMessage } from './remote-events.ts';
import { errorCode, refusedWith } from './rest/discord-error.ts';
import { channelChat, compareSnowflakes, type Snowflake, snowflake } from './snowflake.ts';

const pageSize = 100;
/** 5,000 messages of a channel in one run of the clock; the next goes on. */
const maxPages = 50;

/**
 * Fetches what a channel said while no session was there to tell it, oldest first, until Discord has nothing
 * newer. The gateway holds the channel's live messages back meanwhile.
 */
export async function catchUp(bridge: Bridge<DiscordEnv>, missed: MissedChannel): Promise<void> {
  const login = await bridge.logins.get(asLoginId(missed.loginId));
  if (!login) return;
  const session = new DiscordSession(bridge.env, login);
  const gateway = gatewayOf(bridge.env, missed.applicationId);
  let { seenId, lastId } = missed;
  for (let page = 0; page < maxPages; page++) {
    const messages = await readAfter(session, missed.channelId, seenId);
    const newest = messages.at(-1);
    if (newest) {
      await enqueue(bridge, missed, messages);
      seenId = newest.id;
      await gateway.seen(missed.channelId, seenId);
    }
    if (messages.length === pageSize) continue;
    const newerId = await gateway.caughtUp(missed.channelId, lastId);
    if (!newerId) return;
    lastId = newerId;
  }
}

async function readAfter(session: DiscordSession, channelId: Snowflake, after: Snowflake | undefined) {
  try {
    const query = { after: after ?? snowflake('1'), limit: String(pageSize) };
    const messages = await session.api.listMessages(channelId, query);
    return messages.sort((a, b) => compareSnowflakes(a.id, b.id));
  } catch (error) {
    const { unknownChannel, missingAccess, missingPermissions } = errorCode;
    if (refusedWith(error, unknownChannel, missingAccess, missingPermissions)) return [];
    throw error;
  }
}

async function enqueue(
  { env }: Bridge<DiscordEnv>,
  missed: MissedChannel,
  messages: Awaited<ReturnType<typeof readAfter>>,
): Promise<void> {
  const { applicationId, botUserId, channelId, roomChannelId, isThread, guildId } = missed;
  const threadId = isThread ? channelId : undefined;
  const place = { applicationId, botUserId, channelId: roomChannelId, threadId, guildId };
  const events = messages.flatMap((raw): RemoteEvent[] => {
    const message = isOwnWebhookPost(raw, applicationId) ? undefined : remoteMessage(raw, place);
    return message ? [message] : [];
  });
  if (events.length > 0) {
    await portalOf(env, channelChat(roomChannelId)).enqueueRemote(missed.loginId, events);
  }
}
