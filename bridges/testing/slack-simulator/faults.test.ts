/**
 * What a bridge meets on bad days at Slack: 429s with Retry-After, 5xx and cut connections after the work was done,
 * answers that never come, and echoes that overtake the answer.
 */
import { ErrorCode, WebClient } from '@slack/web-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../loopback/clock.ts';
import { EventReceiver } from '../loopback/event-receiver.ts';
import { SlackSimulator } from './slack-simulator.ts';

let slack: SlackSimulator;

beforeEach(async () => {
  slack = await SlackSimulator.start();
});

afterEach(async () => {
  await slack.stop();
});

function world() {
  const team = slack.createTeam({ name: 'Acme', domain: 'acme' });
  const ann = team.createUser({ name: 'ann', realName: 'Ann Archer' });
  const general = team.createChannel({ name: 'general', members: [ann] });
  const app = team.createApp();
  const { userToken } = app.install(ann);
  const client = new WebClient(userToken, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
  return { team, ann, general, app, userToken, client };
}

test('an armed 429 is spent by one call, and the client reads its Retry-After', async () => {
  const { general, client } = world();
  slack.faults.failCalls('chat.postMessage', { kind: 'rate_limited', retryAfterS: 7 });
  const refused = await client.chat
    .postMessage({ channel: general.id, text: 'x' })
    .catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: ErrorCode.RateLimitedError, retryAfter: 7 });
  expect(general.messages).toHaveLength(0);
  expect(await client.chat.postMessage({ channel: general.id, text: 'x' })).toMatchObject({ ok: true });
});

test('Slack’s client waits out a 429 and sends again', async () => {
  const { general, userToken } = world();
  slack.faults.failCalls('chat.postMessage', { kind: 'rate_limited', retryAfterS: 0 });
  const patient = new WebClient(userToken, { slackApiUrl: slack.apiUrl });
  await patient.chat.postMessage({ channel: general.id, text: 'x' });
  expect(slack.callsTo('chat.postMessage').map((call) => call.status)).toEqual([429, 200]);
  expect(general.messages).toHaveLength(1);
});

test('after a cut or a 5xx the message may be there all the same', async () => {
  const { general, client } = world();
  slack.faults.failCalls('chat.postMessage', { kind: 'cut_after_commit' });
  await expect(client.chat.postMessage({ channel: general.id, text: 'one' })).rejects.toThrow();
  slack.faults.failCalls('chat.postMessage', { kind: 'http_error_after_commit', status: 503 });
  await expect(client.chat.postMessage({ channel: general.id, text: 'two' })).rejects.toThrow();
  slack.faults.failCalls('chat.postMessage', { kind: 'cut' });
  await expect(client.chat.postMessage({ channel: general.id, text: 'three' })).rejects.toThrow();
  expect(general.messages.map((message) => message.text)).toEqual(['one', 'two']);
});

test('an answer that never comes leaves the work done', async () => {
  const { general, userToken } = world();
  slack.faults.failCalls('chat.postMessage', { kind: 'hang_after_commit' });
  const abort = new AbortController();
  const call = fetch(`${slack.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${userToken}` },
    body: new URLSearchParams({ channel: general.id, text: 'x' }),
    signal: abort.signal,
  });
  await expect.poll(() => general.messages.length).toBe(1);
  abort.abort();
  await expect(call).rejects.toThrow();
});

test('the echo of a post can arrive before the post is answered', async () => {
  const { general, app, client } = world();
  const order: string[] = [];
  const receiver = await EventReceiver.start((request) => {
    const body = JSON.parse(request.body.toString()) as { challenge?: string };
    if (!body.challenge) order.push('event');
    return { kind: 'reply', status: 200, headers: {}, body: body.challenge ?? '' };
  });
  await app.setEventsUrl(receiver.url);
  slack.faults.failCalls('chat.postMessage', { kind: 'echo_first' });
  await client.chat.postMessage({ channel: general.id, text: 'x' });
  order.push('answer');
  expect(order).toEqual(['event', 'answer']);
  await receiver.stop();
});

test('the published tiers are enforced when asked for: 20 a minute for conversations.list', async () => {
  const clock = new ManualClock();
  const strict = await SlackSimulator.start({ clock, rateLimits: 'enforced' });
  const team = strict.createTeam({ name: 'Acme', domain: 'acme' });
  const ann = team.createUser({ name: 'ann', realName: 'Ann' });
  const { userToken } = team.createApp().install(ann);
  const client = new WebClient(userToken, { slackApiUrl: strict.apiUrl, rejectRateLimitedCalls: true });
  for (let i = 0; i < 20; i++) await client.conversations.list();
  await expect(client.conversations.list()).rejects.toMatchObject({ retryAfter: 60 });
  clock.advance(60_000);
  expect(await client.conversations.list()).toMatchObject({ ok: true });
  await strict.stop();
});
