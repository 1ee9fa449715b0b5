import { errorText, log } from '../../../platform/log.ts';
import { refuseLogin } from '../../core/login-state.ts';
import { portalOf } from '../../core/portal-stub.ts';
import { asLoginId } from '../../core/remote-ids.ts';
import { LoginRefused } from '../../core/send-outcome.ts';
import { eventsOf, historySchema, repliesAfter } from '../client/history.ts';
import { openSession, type SlackSession } from '../client/slack-client.ts';
import { refusedWith } from '../client/slack-error.ts';
import { chatIdOf, compareTs, msOfTs, tsOfMs } from '../slack-ids.ts';
import { parseMessage } from '../slack-message.ts';
import type { Conversation } from './storage/conversations.ts';
import type { SlackTeam } from './team-context.ts';

/** Every five minutes so many: the 50 calls a minute that Slack allows are for people. */
const conversationsPerSweep = 10;
const pageSize = 100;
/** So much is looked at again each time, for edits, reactions and answers that came later than their message. */
const overlapMs = 3_600_000;

/**
 * Compares the newest history of some conversations with what the events brought, since Slack's deliveries
 * are best effort. Lanes drop what they know, so handing on too much does no harm.
 */
export async function sweepConversations(team: SlackTeam): Promise<void> {
  const { bridge, store, loginId } = team;
  // A listing needs the calls itself, and brings what is newest.
  if (store.conversations.listing()) return;
  const login = await bridge.logins.get(asLoginId(loginId));
  if (!login || login.state === 'bad_credentials') return;
  const session = openSession(bridge.env, login);
  try {
    for (const conversation of store.conversations.longestUnswept(conversationsPerSweep)) {
      await sweep(team, session, conversation);
    }
  } catch (error) {
    log('warn', 'slack.sweep_stopped', { loginId, error: errorText(error) });
    if (error instanceof LoginRefused) await refuseLogin(bridge, login, error.message);
  }
}

async function sweep(
  team: SlackTeam,
  session: SlackSession,
  { channelId, watermark }: Conversation,
): Promise<void> {
  const { conversations } = team.store;
  try {
    const oldest = tsOfMs(Math.max(msOfTs(watermark) - overlapMs, 0));
    const args = { channel: channelId, oldest, limit: pageSize, include_all_metadata: true };
    const { messages } = await session.api.read('conversations.history', historySchema, args);
    const replies = await repliesAfter(session, channelId, messages, watermark);
    const events = eventsOf(session, channelId, [...messages, ...replies]);
    if (events.length > 0) {
      const portal = portalOf(team.bridge.env, chatIdOf(session.teamId, channelId));
      await portal.enqueueRemote(team.loginId, events);
    }
    const newest = [...messages, ...replies]
      .flatMap((message) => parseMessage(message)?.ts ?? [])
      .reduce((latest, ts) => (compareTs(ts, latest) > 0 ? ts : latest), watermark);
    conversations.setSwept(channelId, newest, team.now());
  } catch (error) {
    if (!refusedWith(error, 'channel_not_found', 'not_in_channel', 'is_archived')) throw error;
    conversations.remove(channelId);
  }
}
