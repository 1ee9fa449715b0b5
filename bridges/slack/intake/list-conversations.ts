import * as v from 'valibot';
import { errorText, log } from '../../../platform/log.ts';
import { refuseLogin } from '../../core/login-state.ts';
import type { RemoteChatInfo } from '../../core/network-client.ts';
import { portalOf } from '../../core/portal-stub.ts';
import { asLoginId, type RemoteChatId } from '../../core/remote-ids.ts';
import { LoginRefused, RetryLater } from '../../core/send-outcome.ts';
import { channelInfo, conversationSchema } from '../client/chat-info.ts';
import { openSession } from '../client/slack-client.ts';
import { chatIdOf, teamChatId, tsOfMs } from '../slack-ids.ts';
import type { SlackTeam } from './team-context.ts';

const schema = v.object({
  channels: v.array(conversationSchema),
  response_metadata: v.fallback(v.optional(v.object({ next_cursor: v.optional(v.string(), '') })), undefined),
});

/**
 * Each conversation costs calls of methods that Slack takes 50 times a minute: 45 a minute leave room for
 * what people do meanwhile. One in which something happens does not wait for its turn.
 */
const pageSize = 15;
const pauseMs = 20_000;
const retryMs = 30_000;

/**
 * Lists the conversations that the person is in, a page at a time, and has each made into a room. Where it
 * stands is stored, so that it goes on after a crash or a rate limit.
 * @returns when to go on (epoch ms); nothing at the end
 */
export async function listConversations(team: SlackTeam): Promise<number | undefined> {
  const { bridge, store, loginId } = team;
  const listing = store.conversations.listing();
  const login = await bridge.logins.get(asLoginId(loginId));
  if (!listing || !login) return undefined;
  const session = openSession(bridge.env, login);
  try {
    if (listing.cursor === '') await resync(team, teamChatId(session.teamId), listing.version);
    const { channels, response_metadata: metadata } = await session.api.read('users.conversations', schema, {
      types: 'public_channel,private_channel,mpim,im',
      exclude_archived: true,
      limit: pageSize,
      ...(listing.cursor ? { cursor: listing.cursor } : {}),
    });
    for (const channel of channels) {
      const info = channel.is_im || channel.is_mpim ? undefined : channelInfo(session, channel);
      store.conversations.add(channel.id, tsOfMs(team.now()), team.now());
      await resync(team, chatIdOf(session.teamId, channel.id), listing.version, info);
    }
    const cursor = metadata?.next_cursor ?? '';
    if (cursor === '') {
      store.conversations.endListing();
      return undefined;
    }
    store.conversations.setListing(cursor, listing.version);
    return team.now() + pauseMs;
  } catch (error) {
    log('warn', 'slack.listing_failed', { loginId, error: errorText(error) });
    if (error instanceof LoginRefused) {
      store.conversations.endListing();
      await refuseLogin(bridge, login, error.message);
      return undefined;
    }
    return team.now() + (error instanceof RetryLater ? error.afterMs : retryMs);
  }
}

async function resync(
  team: SlackTeam,
  chatId: RemoteChatId,
  version: string,
  info?: RemoteChatInfo,
): Promise<void> {
  const event = {
    kind: 'chatResync' as const,
    chatId,
    timestampMs: team.now(),
    version: `listed ${version}`,
    ...(info ? { info } : {}),
  };
  await portalOf(team.bridge.env, chatId).enqueueRemote(team.loginId, [event]);
}
