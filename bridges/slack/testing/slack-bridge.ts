import { env, exports } from 'cloudflare:workers';
import { createHmac } from 'node:crypto';
import { vi } from 'vitest';
import type { ClientEvent } from '../../../matrix/events.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { openBridge } from '../../core/bridge.ts';
import { FakeHomeserver } from '../../core/testing/fake-homeserver.ts';
import { installFakes, resetDatabase } from '../../core/testing/install-fakes.ts';
import { makeIngressKey } from '../intake/ingress-key.ts';
import { slackConnector } from '../slack-connector.ts';
import type { SlackEnv } from '../slack-env.ts';
import { loginIdOf, userIdOf } from '../slack-ids.ts';
import { FakeSlack } from './fake-slack.ts';

export const slackEnv = env as unknown as SlackEnv;
export const owner = '@olive:roost.test';
export const signingSecret = 'a'.repeat(32);
export const loginId = loginIdOf('T1', 'U1');

/** The Worker between a homeserver and a Slack of ours, with the owner logged in to workspace T1 as U1. */
export interface SlackBridge {
  homeserver: FakeHomeserver;
  slack: FakeSlack;
  ingressKey: string;
}

export async function startSlackBridge(): Promise<SlackBridge> {
  const homeserver = new FakeHomeserver('roost.test', 'slackbot', [
    'slack-as-token',
    'double-puppet-as-token',
  ]);
  const slack = new FakeSlack();
  installFakes(homeserver, (url, init) => slack.fetch(url, init));
  await resetDatabase();
  const ingressKey = makeIngressKey(slackEnv.ENCRYPTION_KEY);
  await openBridge(slackEnv, slackConnector).logins.put(
    owner,
    {
      loginId,
      remoteUserId: userIdOf('T1', 'U1'),
      name: 'olive @ Acme',
      credentials: { token: 'xoxp-1', signingSecret },
      metadata: { appId: 'A1', teamId: 'T1', userId: 'U1', teamUrl: 'https://acme.slack.com/' },
      ingressKey,
    },
    Date.now(),
  );
  return { homeserver, slack, ingressKey };
}

export function fetchWorker(path: string, init: RequestInit = {}): Promise<Response> {
  const { fetch } = (exports as unknown as { default: Fetcher }).default;
  return fetch.call(
    (exports as unknown as { default: Fetcher }).default,
    new Request(`https://roost.test${path}`, init),
  );
}

/** Posts a body to the events address as Slack does. */
export function deliver(
  ingressKey: string,
  body: string,
  { timestampS = Math.floor(Date.now() / 1000), secret = signingSecret } = {},
): Promise<Response> {
  const mac = createHmac('sha256', secret).update(`v0:${timestampS}:${body}`).digest('hex');
  return fetchWorker(`/_bridge/slack/events/${ingressKey}`, {
    method: 'POST',
    body,
    headers: { 'x-slack-signature': `v0=${mac}`, 'x-slack-request-timestamp': String(timestampS) },
  });
}

export function callback(eventId: string, event: object): string {
  return JSON.stringify({
    type: 'event_callback',
    event_id: eventId,
    team_id: 'T1',
    api_app_id: 'A1',
    event,
  });
}

/** Hands events of a room to the bridge as the homeserver does. */
export function transact(
  txnId: string,
  events: ClientEvent[],
  ephemeral: JsonObject[] = [],
): Promise<Response> {
  return fetchWorker(`/_bridge/slack/_matrix/app/v1/transactions/${txnId}`, {
    method: 'PUT',
    body: JSON.stringify({ events, ephemeral }),
    headers: { authorization: 'Bearer slack-hs-token' },
  });
}

export function matrixEvent(
  roomId: string,
  eventId: string,
  content: JsonObject,
  more: Partial<ClientEvent> = {},
): ClientEvent {
  return {
    event_id: eventId,
    room_id: roomId,
    type: 'm.room.message',
    sender: owner,
    origin_server_ts: Date.now(),
    content,
    ...more,
  } as ClientEvent;
}

/** Waits until a condition holds that work in an object brings about. */
export function until(condition: () => Promise<void> | void): Promise<void> {
  return vi.waitFor(condition, { timeout: 15_000, interval: 10 });
}
