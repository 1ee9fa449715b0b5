import { isJsonObject } from '../../../matrix/json.ts';
import { errorText, log } from '../../../platform/log.ts';
import { refuseLogin } from '../../core/login-state.ts';
import { portalOf } from '../../core/portal-stub.ts';
import type { RemoteEvent } from '../../core/remote-event.ts';
import { asLoginId } from '../../core/remote-ids.ts';
import { chatIdOf, compareTs, isSlackTs, parseChatId, tsOfMs } from '../slack-ids.ts';
import { effectsOf, type SlackEffect } from './event-to-remote.ts';
import type { InboxItem } from './storage/inbox.ts';
import type { SlackTeam } from './team-context.ts';

const batchSize = 50;
const firstRetryMs = 2_000;
const maxRetryMs = 300_000;
/** Over an hour: an event that fails for so long is set aside, so that those of its chat get their turn. */
const maxAttempts = 20;

/**
 * Hands the events on to their conversations' lanes, which take each once, and only then ticks them off:
 * after a crash in between they are handed on again. What fails is postponed, and with it what comes after
 * it in its chat; other chats go on.
 * @returns when to go on (epoch ms); nothing when the inbox is empty
 */
export async function drainInbox(team: SlackTeam): Promise<number | undefined> {
  const { inbox } = team.store;
  const next = () => inbox.due(team.now(), batchSize);
  for (let items = next(); items.length > 0; items = next()) {
    for (const ofChat of byChat(inOrder(items))) await handOnChat(team, ofChat);
  }
  return inbox.nextDueMs();
}

/** The chat that an event is about; `''` if none, or if it cannot be read. */
export function inboxChatOf(loginId: string, payload: string): string {
  const [teamId = '', selfId = ''] = loginId.split('-');
  try {
    const [effect] = effectsOf(teamId, selfId, JSON.parse(payload));
    if (effect?.kind === 'remote') return effect.event.chatId;
    return effect?.kind === 'left' ? chatIdOf(teamId, effect.channelId) : '';
  } catch {
    return '';
  }
}

function byChat(items: readonly InboxItem[]): InboxItem[][] {
  return [...Map.groupBy(items, ({ chatId }) => chatId).values()];
}

/** All at once; after a failure the first alone, so that none is blamed for another. */
async function handOnChat(team: SlackTeam, ofChat: readonly InboxItem[]): Promise<void> {
  const [first] = ofChat;
  if (!first) return;
  const together = first.attempts > 0 ? [first] : ofChat;
  try {
    await handOn(
      team,
      together.flatMap((item) => readEffects(team.loginId, item)),
    );
  } catch (error) {
    postpone(team, first, errorText(error));
    return;
  }
  for (const item of together) team.store.inbox.finish(item.position);
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
function readEffects(loginId: string, item: InboxItem): SlackEffect[] {
  const [teamId = '', selfId = ''] = loginId.split('-');
  try {
    return effectsOf(teamId, selfId, JSON.parse(item.payload));
  } catch (error) {
    log('error', 'slack.event_unreadable', { eventId: item.eventId, error: errorText(error) });
    return [];
  }
}

function postpone(team: SlackTeam, item: InboxItem, reason: string): void {
  const { loginId, store } = team;
  if (item.attempts + 1 >= maxAttempts) {
    log('error', 'slack.event_dead', { loginId, eventId: item.eventId, reason });
    store.inbox.bury(item.position, reason);
  } else {
    log('warn', 'slack.hand_on_failed', { loginId, eventId: item.eventId, reason });
    const delayMs = Math.min(firstRetryMs * 2 ** item.attempts, maxRetryMs);
    store.inbox.postpone(item.position, team.now() + delayMs, reason);
  }
}

/** Effects of one chat, in order. Neighbouring remote events go to the lane together. */
async function handOn(team: SlackTeam, effects: readonly SlackEffect[]): Promise<void> {
  const events: RemoteEvent[] = [];
  for (const effect of effects) {
    if (effect.kind === 'remote') {
      events.push(effect.event);
      continue;
    }
    await enqueue(team, events.splice(0));
    await apply(team, effect);
  }
  await enqueue(team, events);
}

async function enqueue(team: SlackTeam, events: RemoteEvent[]): Promise<void> {
  const [first] = events;
  if (!first) return;
  noteConversation(team, events);
  await portalOf(team.bridge.env, first.chatId).enqueueRemote(team.loginId, events);
}

/** A conversation that is heard of for the first time is swept from now on. */
function noteConversation(team: SlackTeam, events: readonly RemoteEvent[]): void {
  const [first] = events;
  const channelId = first && parseChatId(first.chatId).channelId;
  if (first && channelId) team.store.conversations.add(channelId, tsOfMs(first.timestampMs), team.now());
}

async function apply(team: SlackTeam, effect: Exclude<SlackEffect, { kind: 'remote' }>): Promise<void> {
  const { bridge, store, due, loginId } = team;
  switch (effect.kind) {
    case 'userChanged':
      if (store.staleProfiles.add(effect.userId, team.now())) due.schedule('profiles', team.now());
      return;
    case 'left': {
      const [teamId = ''] = loginId.split('-');
      store.conversations.remove(effect.channelId);
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
