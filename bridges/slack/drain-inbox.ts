import { isJsonObject } from '../../matrix/json.ts';
import { errorText, log } from '../../platform/log.ts';
import { refuseLogin } from '../core/login-state.ts';
import { refreshPuppet } from '../core/puppet-profile.ts';
import type { RemoteEvent } from '../core/remote-event.ts';
import { asLoginId } from '../core/remote-ids.ts';
import { effectsOf, type SlackEffect } from './event-to-remote.ts';
import { chatIdOf, compareTs, isSlackTs, parseChatId, tsOfMs } from './slack-ids.ts';
import type { InboxItem } from './storage/inbox.ts';
import type { SlackTeam } from './team-context.ts';

const batchSize = 50;
const retryMs = 2_000;
/** An event that keeps failing is set aside, so that those after it get their turn. */
const maxAttempts = 20;

/**
 * Hands the events on to their conversations' lanes, which take each once, and only then ticks them off:
 * after a crash in between they are handed on again.
 * @returns when to go on (epoch ms); nothing when the inbox is empty
 */
export async function drainInbox(team: SlackTeam): Promise<number | undefined> {
  const { inbox } = team.store;
  for (let items = inbox.queued(batchSize); items.length > 0; items = inbox.queued(batchSize)) {
    const [teamId = '', selfId = ''] = team.loginId.split('-');
    const read = inOrder(items).map((item) => ({ item, effects: readEffects(teamId, selfId, item) }));
    try {
      await handOn(
        team,
        read.flatMap(({ effects }) => effects),
      );
    } catch (error) {
      log('warn', 'slack.hand_on_failed', { loginId: team.loginId, error: errorText(error) });
      for (const { item } of read) postpone(team, item, errorText(error));
      return team.now() + retryMs;
    }
    for (const { item } of read) inbox.finish(item.position);
  }
  return undefined;
}

/** Slack delivers several at a time, so that neighbours may have changed places: within a batch they are put right. */
function inOrder(items: readonly InboxItem[]): InboxItem[] {
  let latest = '0';
  const timed = items.map((item) => {
    // One that tells no time stays where it came.
    const ts = timeOf(item.payload) ?? latest;
    latest = ts;
    return { item, ts };
  });
  return timed
    .sort((a, b) => compareTs(a.ts, b.ts) || a.item.position - b.item.position)
    .map(({ item }) => item);
}

function timeOf(payload: string): string | undefined {
  try {
    const event: unknown = JSON.parse(payload);
    const ts = isJsonObject(event) ? (event.event_ts ?? event.ts) : undefined;
    return isSlackTs(ts) ? ts : undefined;
  } catch {
    return undefined;
  }
}

/** One that cannot be read is noted and gives nothing. */
function readEffects(teamId: string, selfId: string, item: InboxItem): SlackEffect[] {
  try {
    return effectsOf(teamId, selfId, JSON.parse(item.payload));
  } catch (error) {
    log('error', 'slack.event_unreadable', { eventId: item.eventId, error: errorText(error) });
    return [];
  }
}

function postpone(team: SlackTeam, item: InboxItem, reason: string): void {
  if (item.attempts + 1 >= maxAttempts) {
    log('error', 'slack.event_dead', { eventId: item.eventId, reason });
    team.store.inbox.bury(item.position, reason);
  } else {
    team.store.inbox.fail(item.position, reason);
  }
}

async function handOn(team: SlackTeam, effects: SlackEffect[]): Promise<void> {
  const byChat = new Map<string, RemoteEvent[]>();
  for (const effect of effects) {
    if (effect.kind !== 'remote') await apply(team, effect);
    else byChat.set(effect.event.chatId, [...(byChat.get(effect.event.chatId) ?? []), effect.event]);
  }
  for (const [chatId, events] of byChat) {
    noteConversation(team, events);
    await team.bridge.env.PORTALS.getByName(chatId).enqueueRemote(team.loginId, events);
  }
}

/** A conversation that is heard of for the first time is swept from now on. */
function noteConversation(team: SlackTeam, events: readonly RemoteEvent[]): void {
  const [first] = events;
  const channelId = first && parseChatId(first.chatId).channelId;
  if (first && channelId) team.store.conversations.add(channelId, tsOfMs(first.timestampMs), team.now());
}

async function apply(team: SlackTeam, effect: Exclude<SlackEffect, { kind: 'remote' }>): Promise<void> {
  const { bridge, loginId } = team;
  switch (effect.kind) {
    case 'userChanged': {
      const [login, known] = await Promise.all([
        bridge.logins.get(asLoginId(loginId)),
        bridge.puppets.get(effect.userId),
      ]);
      if (!login || !known) return;
      await refreshPuppet(
        bridge,
        bridge.connector.loadLogin(bridge.env, login),
        effect.userId,
        team.now(),
        true,
      );
      return;
    }
    case 'left': {
      const [teamId = ''] = loginId.split('-');
      team.store.conversations.remove(effect.channelId);
      await bridge.portals.removeLogin(chatIdOf(teamId, effect.channelId), asLoginId(loginId));
      return;
    }
    case 'revoked': {
      const login = await bridge.logins.get(asLoginId(loginId));
      if (login) await refuseLogin(bridge, login, effect.reason);
      return;
    }
    default:
      effect satisfies never;
  }
}
