import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClientEvent } from '../../../matrix/events.ts';
import { openBridge } from '../bridge.ts';
import type { BridgeEnv } from '../bridge-env.ts';
import type { NetworkClient } from '../network-client.ts';
import type { RemoteEdit } from '../remote-event.ts';
import { asLoginId, asMessageId } from '../remote-ids.ts';
import { LoginRefused, type SendOutcome } from '../send-outcome.ts';
import { FakeHomeserver } from '../testing/fake-homeserver.ts';
import { FakeNetwork, fakeChatId, fakeLoginId } from '../testing/fake-network.ts';
import { installFakes, resetDatabase } from '../testing/install-fakes.ts';
import { drainLane, queueMatrix, queueRemote } from './lane.ts';
import { makePortalContext, type PortalContext } from './portal-context.ts';
import { openPortalStore } from './storage/portal-store.ts';

const bridgeEnv = env as unknown as BridgeEnv;
const owner = '@olive:roost.test';
let count = 0;
let nowMs = 1_700_000_000_000;
let homeserver: FakeHomeserver;
let network: FakeNetwork;

beforeEach(async () => {
  homeserver = new FakeHomeserver('roost.test', 'slackbot', ['slack-as-token', 'double-puppet-as-token']);
  network = new FakeNetwork('slack');
  installFakes(homeserver, async () => new Response('not mocked', { status: 599 }));
  await resetDatabase();
  const login = { loginId: fakeLoginId, name: 'olive', credentials: {}, metadata: {} };
  const { remoteUserId } = network.client;
  await openBridge(bridgeEnv, network.connector).logins.put(
    owner,
    { ...login, ...(remoteUserId ? { remoteUserId } : {}) },
    nowMs,
  );
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The steps of a portal with a room, over an object's storage and with a clock of ours. */
function inPortal(body: (portal: PortalContext, roomId: string) => Promise<void>): Promise<void> {
  const stub = bridgeEnv.PORTALS.getByName(`test ${++count}`) as unknown as DurableObjectStub;
  return runInDurableObject(stub, async (_, state) => {
    const bridge = openBridge(bridgeEnv, network.connector);
    const store = openPortalStore(state.storage, false);
    const portal = makePortalContext(bridge, fakeChatId, store, () => nowMs);
    queueRemote(portal, fakeLoginId, [network.message('first', 'bob', 'hello')]);
    await drainLane(portal);
    await body(portal, store.facts.get().roomId ?? '');
  });
}

function change(members: Partial<NetworkClient>): void {
  Object.assign(network.client, members);
}

/** Of a message that has not come. */
function lateEdit(): RemoteEdit {
  const message = network.message('late', 'bob', 'after');
  return { ...message, kind: 'edit', version: '2', timestampMs: message.timestampMs + 1_000 };
}

test('runs in workerd', () => {
  expect(navigator.userAgent).toBe('Cloudflare-Workers');
});

describe('posts', () => {
  test.each<SendOutcome>([
    { kind: 'unknown', reason: 'time-out' },
    { kind: 'retry', afterMs: 1_000, reason: 'limited' },
    { kind: 'failed', reason: 'refused', notice: 'No.' },
  ])('one that came back is sent, though its call says $kind', async (outcome) => {
    await inPortal(async (portal, roomId) => {
      let sends = 0;
      const posted = { ...network.message('post', 'olive', 'hi') };
      change({
        send: async (_part, { mark }) => {
          sends += 1;
          queueRemote(portal, fakeLoginId, [{ ...posted, mark }]);
          return outcome;
        },
      });
      const event = { event_id: '$hi', room_id: roomId, type: 'm.room.message', sender: owner };
      queueMatrix(portal, [
        {
          ...event,
          origin_server_ts: nowMs,
          content: { msgtype: 'm.text', body: 'hi' },
        } as unknown as ClientEvent,
      ]);
      expect(await drainLane(portal)).toBeUndefined();
      expect(sends).toBe(1);
      expect(portal.store.outbox.get('$hi', 0)).toMatchObject({ state: 'sent', messageId: 'post' });
      expect(portal.store.messages.ofEvent('$hi')).toHaveLength(1);
      expect(homeserver.timeline(roomId)).toEqual(['@slack_bob: hello']);
    });
  });

  test('what the call says overwrites no echo', async () => {
    await inPortal(async ({ store: { outbox } }) => {
      outbox.begin('$x', 0, 'mark', nowMs);
      outbox.settle('mark', asMessageId('post'));
      outbox.setState('$x', 0, 'unknown');
      outbox.setFailed('$x', 0, 'refused');
      expect(outbox.get('$x', 0)).toMatchObject({ state: 'sent', messageId: 'post' });
    });
  });
});

describe('parked changes', () => {
  test('one whose message comes while it is asked for is applied', async () => {
    await inPortal(async (portal, roomId) => {
      queueRemote(portal, fakeLoginId, [lateEdit()]);
      await drainLane(portal);
      nowMs += 61_000;
      change({
        history: {
          recent: async () => [],
          fetch: async () => {
            queueRemote(portal, fakeLoginId, [network.message('late', 'bob', 'before')]);
            return undefined;
          },
        },
      });
      await drainLane(portal);
      expect(homeserver.timeline(roomId)).toEqual(['@slack_bob: hello', '@slack_bob: after']);
    });
  });

  test('one whose message nobody has is given up', async () => {
    await inPortal(async (portal) => {
      queueRemote(portal, fakeLoginId, [lateEdit()]);
      await drainLane(portal);
      expect(portal.store.lane.nextExpiryMs()).toBe(nowMs + 60_000);
      nowMs += 61_000;
      await drainLane(portal);
      expect(portal.store.lane.count('parked')).toBe(0);
    });
  });
});

test('a message that was half in the room is completed, once each part, though its sender is refused by then', async () => {
  await inPortal(async (portal, roomId) => {
    await homeserver.fetch(`https://roost.test/_matrix/client/v3/join/${roomId}?user_id=${owner}`, {
      method: 'POST',
      headers: { authorization: 'Bearer double-puppet-as-token' },
    });
    let sends = 0;
    homeserver.before = ({ path, userId }) =>
      path.includes('/send/') && userId === owner && ++sends > 1
        ? { status: 502, body: { errcode: 'M_UNKNOWN', error: '' } }
        : undefined;
    queueRemote(portal, fakeLoginId, [network.message('two parts', 'olive', 'one', 'two')]);
    expect(await drainLane(portal)).toBeGreaterThan(nowMs);
    homeserver.before = ({ path, userId }) =>
      path.includes('/send/') && userId === owner
        ? { status: 403, body: { errcode: 'M_FORBIDDEN', error: '' } }
        : undefined;
    nowMs += 10_000;
    expect(await drainLane(portal)).toBeUndefined();
    expect(homeserver.timeline(roomId)).toEqual(['@slack_bob: hello', '@olive: one', '@slack_olive: two']);
    expect(portal.store.messages.ofMessage(asMessageId('two parts'))).toHaveLength(2);
  });
});

test('a login that is newer than what a portal remembers is not taken for gone', () =>
  inPortal(async (portal, roomId) => {
    const loginId = asLoginId('second login');
    const login = { loginId, name: 'zoe', credentials: {}, metadata: {} };
    await openBridge(bridgeEnv, network.connector).logins.put('@zoe:roost.test', login, nowMs);
    queueRemote(portal, loginId, [network.message('theirs', 'bob', 'by the second login')]);
    await drainLane(portal);
    expect(homeserver.timeline(roomId).at(-1)).toContain('by the second login');
  }));

test('what an outage of a day has outlived is given up with one notice', async () => {
  await inPortal(async (portal, roomId) => {
    const { convertMessage } = network.client;
    const outage = async (round: number) => {
      change({
        convertMessage: async () => {
          throw new LoginRefused('token_revoked');
        },
      });
      queueRemote(
        portal,
        fakeLoginId,
        [1, 2, 3].map((n) => network.message(`lost ${round} ${n}`, 'bob', 'lost')),
      );
      await drainLane(portal);
      nowMs += 25 * 3_600_000;
      expect(await drainLane(portal)).toBeUndefined();
      expect(portal.store.lane.dead(10)).toHaveLength(round * 3);
    };
    const notice = '@slackbot: ⚠️ Something from Network could not be shown here.';
    await outage(1);
    expect(homeserver.timeline(roomId)).toEqual(['@slack_bob: hello', notice]);
    change({ convertMessage });
    queueRemote(portal, fakeLoginId, [network.message('back', 'bob', 'back')]);
    await drainLane(portal);
    await outage(2);
    expect(homeserver.timeline(roomId)).toEqual(['@slack_bob: hello', notice, '@slack_bob: back', notice]);
  });
});

test('old items are forgotten some at a time, past those that are kept longer', async () => {
  await inPortal(async ({ store: { lane, sqlite } }) => {
    sqlite.run('DELETE FROM lane');
    sqlite.run(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1300)
       INSERT INTO lane (key, direction, payload, state, due_ms, queued_ms)
       SELECT i, 'remote', '', CASE WHEN i <= 600 THEN 'dead' ELSE 'done' END, 0, ? FROM n`,
      nowMs - 4 * 86_400_000,
    );
    expect(lane.purge(nowMs)).toBe(true);
    expect(lane.purge(nowMs)).toBe(false);
    expect(sqlite.get('SELECT COUNT(*) AS n FROM lane')).toEqual({ n: 600 });
    nowMs += 27 * 86_400_000;
    expect(lane.purge(nowMs)).toBe(true);
    expect(lane.purge(nowMs)).toBe(false);
    expect(sqlite.get('SELECT COUNT(*) AS n FROM lane')).toEqual({ n: 0 });
  });
});
