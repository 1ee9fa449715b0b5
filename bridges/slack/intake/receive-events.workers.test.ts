import { runInDurableObject } from 'cloudflare:test';
import { beforeAll, expect, test } from 'vitest';
import {
  callback,
  deliver,
  fetchWorker,
  loginId,
  type SlackBridge,
  slackEnv,
  startSlackBridge,
} from '../testing/slack-bridge.ts';
import { makeIngressKey } from './ingress-key.ts';

let bridge: SlackBridge;

beforeAll(async () => {
  bridge = await startSlackBridge();
});

/** Rows of the inbox, whatever their state. */
function stored(): Promise<number> {
  const stub = slackEnv.TEAMS.getByName(loginId) as unknown as DurableObjectStub;
  return runInDurableObject(stub, (_, state) =>
    Number(state.storage.sql.exec('SELECT COUNT(*) AS n FROM inbox').one().n),
  );
}

const event = { type: 'team_join', user: { id: 'U2' } };

test('runs in workerd', () => {
  expect(navigator.userAgent).toBe('Cloudflare-Workers');
});

test('W1: what Slack did not sign, now, for this app, as JSON, is refused and leaves nothing behind', async () => {
  const { ingressKey } = bridge;
  const nowS = Math.floor(Date.now() / 1000);
  const good = callback('Ev0', event);
  const statuses = [
    await deliver(ingressKey, good, { secret: 'b'.repeat(32) }),
    await deliver(ingressKey, good, { timestampS: nowS - 400 }),
    await deliver(ingressKey, good, { timestampS: nowS + 400 }),
    await fetchWorker(`/_bridge/slack/events/${ingressKey}`, { method: 'POST', body: good }),
    await deliver(ingressKey, good.replace('"A1"', '"A2"')),
    await deliver(ingressKey, '{"type":"event_callback"'),
    await deliver(ingressKey, `${'['.repeat(5000)}${']'.repeat(5000)}`),
    await deliver(ingressKey, JSON.stringify({ type: 'event_callback', event_id: 'Ev1', event: 5 })),
    await deliver(ingressKey, 'x'.repeat(1024 * 1024 + 1)),
    await deliver(makeIngressKey(slackEnv.ENCRYPTION_KEY), good),
    await deliver('A'.repeat(44), good),
    await deliver('short', good),
    await fetchWorker(`/_bridge/slack/events/${ingressKey}`),
  ].map((response) => response.status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 400, 400, 400, 413, 404, 404, 404, 405]);
  expect(await stored()).toBe(0);
});

test('a challenge is answered when signed, or while the app is being made, as plain text', async () => {
  const challenge = JSON.stringify({ type: 'url_verification', challenge: '<b>3eZbrw1aB</b>', token: 'x' });
  const signed = await deliver(bridge.ingressKey, challenge);
  expect([signed.status, await signed.text()]).toEqual([200, '<b>3eZbrw1aB</b>']);
  expect(signed.headers.get('content-type')).toContain('text/plain');

  const early = await deliver(makeIngressKey(slackEnv.ENCRYPTION_KEY), challenge, { secret: 'b'.repeat(32) });
  expect([early.status, await early.text()]).toEqual([200, '<b>3eZbrw1aB</b>']);

  expect((await deliver(bridge.ingressKey, challenge, { secret: 'b'.repeat(32) })).status).toBe(401);
  expect((await deliver('B'.repeat(44), challenge)).status).toBe(404);
  expect(await stored()).toBe(0);
});

test('an event is acknowledged when it is stored, and stored once', async () => {
  const first = await deliver(bridge.ingressKey, callback('Ev2', event));
  const again = await deliver(bridge.ingressKey, callback('Ev2', event));
  expect([first.status, again.status]).toEqual([200, 200]);
  expect(await stored()).toBe(1);
});

test('other signed callbacks are acknowledged', async () => {
  const limited = JSON.stringify({ type: 'app_rate_limited', team_id: 'T1', api_app_id: 'A1' });
  expect((await deliver(bridge.ingressKey, limited)).status).toBe(200);
  expect(await stored()).toBe(1);
});
