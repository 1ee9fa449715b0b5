import { runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openBridge } from '../../core/bridge.ts';
import type { RemoteEvent } from '../../core/remote-event.ts';
import { slackConnector } from '../slack-connector.ts';
import type { SlackEnv } from '../slack-env.ts';
import { userIdOf } from '../slack-ids.ts';
import { loginId, type SlackBridge, slackEnv, startSlackBridge } from '../testing/slack-bridge.ts';
import { drainInbox, inboxChatOf } from './drain-inbox.ts';
import { refreshProfiles } from './refresh-profiles.ts';
import { openTeamStore } from './storage/team-store.ts';
import type { SlackTeam } from './team-context.ts';

let slackBridge: SlackBridge;
let count = 0;
let nowMs = 1_700_000_000_000;
/** What lanes were given, as `chat: text`. */
let handedOn: string[];
let brokenChats: Set<string>;
let scheduled: string[];

beforeAll(async () => {
  slackBridge = await startSlackBridge();
});

beforeEach(() => {
  handedOn = [];
  brokenChats = new Set();
  scheduled = [];
});

afterEach(() => {
  slackBridge.slack.before = () => undefined;
});

const portals: SlackEnv['PORTALS'] = {
  getByName: (chatId: string) =>
    ({
      enqueueRemote: async (_loginId: string, events: RemoteEvent[]) => {
        if (brokenChats.has(chatId)) throw new Error('object is away');
        for (const event of events)
          handedOn.push(`${chatId}: ${'raw' in event ? event.raw.text : event.kind}`);
      },
    }) as ReturnType<SlackEnv['PORTALS']['getByName']>,
};

/** The steps of a login's object over its storage, with lanes and a clock of ours. */
function inTeam<T>(body: (team: SlackTeam) => Promise<T>): Promise<T> {
  const stub = slackEnv.TEAMS.getByName(loginId) as unknown as DurableObjectStub;
  return runInDurableObject(stub, (_, state) => {
    const bridge = openBridge(slackEnv, slackConnector);
    return body({
      bridge: { ...bridge, env: { ...bridge.env, PORTALS: portals } },
      store: openTeamStore(state.storage, false),
      due: { schedule: (name) => scheduled.push(name) },
      loginId,
      now: () => nowMs,
    });
  });
}

function accept(team: SlackTeam, event: object): void {
  const payload = JSON.stringify(event);
  team.store.inbox.add({ eventId: `Ev${++count}`, payload }, inboxChatOf(loginId, payload), nowMs);
}

function message(channel: string, n: number): object {
  const ts = `1700000000.${String(n).padStart(6, '0')}`;
  return { type: 'message', channel, user: 'U2', text: String(n), ts, event_ts: ts };
}

const dead = (team: SlackTeam) => team.store.sqlite.all(`SELECT event_id FROM inbox WHERE state = 'dead'`);

test('runs in workerd', () => {
  expect(navigator.userAgent).toBe('Cloudflare-Workers');
});

test('a chat that fails holds up no other, keeps its order, and is not given up for what others bring', async () => {
  await inTeam(async (team) => {
    brokenChats.add('T1-C1');
    accept(team, message('C1', 1));
    accept(team, message('C2', 1));
    expect(await drainInbox(team)).toBe(nowMs + 2_000);
    for (let n = 2; n < 30; n += 1) {
      accept(team, message('C1', n));
      accept(team, message('C2', n));
      await drainInbox(team);
    }
    const numbers = Array.from({ length: 29 }, (_, index) => index + 1);
    expect(handedOn).toEqual(numbers.map((n) => `T1-C2: ${n}`));
    expect(dead(team)).toEqual([]);

    handedOn = [];
    brokenChats.clear();
    nowMs += 2_000;
    expect(await drainInbox(team)).toBeUndefined();
    expect(handedOn).toEqual(numbers.map((n) => `T1-C1: ${n}`));
  });
});

test('waits longer after each failure, and sets an event aside that fails for an hour', async () => {
  await inTeam(async (team) => {
    brokenChats.add('T1-C3');
    accept(team, message('C3', 1));
    accept(team, message('C3', 2));
    const startMs = nowMs;
    for (let attempt = 1; attempt < 20; attempt += 1) nowMs = (await drainInbox(team)) ?? 0;
    expect(nowMs - startMs).toBeGreaterThan(3_600_000);
    brokenChats.clear();
    accept(team, message('C3', 3));
    brokenChats.add('T1-C3');
    await drainInbox(team);
    expect(dead(team)).toHaveLength(1);
    brokenChats.clear();
    nowMs += 300_000;
    await drainInbox(team);
    expect(handedOn).toEqual(['T1-C3: 2', 'T1-C3: 3']);
  });
});

test('profiles that Slack will not tell now wait as long as it says, and hold up no message', async () => {
  const users = ['U2', 'U3'];
  let isLimited = true;
  slackBridge.slack.before = (method) =>
    method === 'users.info' && isLimited
      ? new Response('{"ok":false,"error":"ratelimited"}', { status: 429, headers: { 'retry-after': '30' } })
      : undefined;
  await inTeam(async (team) => {
    for (const user of users) {
      const userId = userIdOf('T1', user);
      await team.bridge.puppets.put({
        remoteUserId: userId,
        userId: `@slack_${userId.toLowerCase()}:roost.test` as never,
        displayName: 'Old',
        avatarId: undefined,
        avatarMxc: undefined,
        updatedMs: nowMs,
      });
      accept(team, { type: 'user_change', user: { id: user } });
    }
    accept(team, message('C4', 1));
    expect(await drainInbox(team)).toBeUndefined();
    expect(handedOn).toEqual(['T1-C4: 1']);
    expect(scheduled).toEqual(['profiles']);

    const dueMs = await refreshProfiles(team);
    expect(dueMs).toBeGreaterThanOrEqual(nowMs + 30_000);
    expect(slackBridge.slack.callsTo('users.info')).toHaveLength(1);

    isLimited = false;
    nowMs = dueMs ?? 0;
    expect(await refreshProfiles(team)).toBeUndefined();
    const names = users.map((user) =>
      slackBridge.homeserver.displayNames.get(`@slack_t1-${user.toLowerCase()}:roost.test`),
    );
    expect(names).toEqual(['Name U2', 'Name U3']);
  });
});

test('old events are forgotten some at a time, past one that waits', async () => {
  await inTeam(async ({ store: { inbox, sqlite } }) => {
    inbox.clear();
    sqlite.run(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
       INSERT INTO inbox (event_id, chat_id, payload, state, received_ms)
       SELECT 'old' || i, '', '', CASE i WHEN 1 THEN 'queued' ELSE 'done' END, ? FROM n`,
      nowMs - 3 * 86_400_000,
    );
    expect(inbox.purge(nowMs)).toBe(true);
    expect(inbox.purge(nowMs)).toBe(false);
    expect(sqlite.get('SELECT COUNT(*) AS n FROM inbox')).toEqual({ n: 1 });
  });
});

test('many changed profiles are looked up in portions', async () => {
  await inTeam(async (team) => {
    for (let n = 0; n < 15; n += 1) team.store.staleProfiles.add(userIdOf('T1', `U9${n}`), nowMs);
    expect(await refreshProfiles(team)).toBe(nowMs);
    expect(await refreshProfiles(team)).toBeUndefined();
    expect(team.store.staleProfiles.next()).toBeUndefined();
  });
});
