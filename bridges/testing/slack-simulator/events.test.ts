/**
 * Events API deliveries, as a bridge's endpoint gets them: signed envelopes for what an installer may see, the URL
 * challenge, and Slack's promise (at least once, in no sure order, retried after 0 s, 1 min and 5 min, best effort).
 */
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../loopback/clock.ts';
import { EventReceiver } from '../loopback/event-receiver.ts';
import { emptyReply, type LoopbackRequest, type Reply } from '../loopback/loopback-server.ts';
import { SlackSimulator } from './slack-simulator.ts';

let slack: SlackSimulator;
let clock: ManualClock;
let receiver: EventReceiver;
/** What the endpoint answers to events; challenges are always answered. */
let answer: (request: LoopbackRequest) => Reply;

beforeEach(async () => {
  clock = new ManualClock();
  slack = await SlackSimulator.start({ clock });
  answer = () => emptyReply(200);
  receiver = await EventReceiver.start((request) => {
    const { challenge } = JSON.parse(request.body.toString()) as { challenge?: string };
    if (!challenge) return answer(request);
    return { kind: 'reply', status: 200, headers: { 'content-type': 'text/plain' }, body: challenge };
  });
});

afterEach(async () => {
  await slack.stop();
  await receiver.stop();
});

async function world() {
  const team = slack.createTeam({ name: 'Acme', domain: 'acme' });
  const ann = team.createUser({ name: 'ann', realName: 'Ann Archer' });
  const bob = team.createUser({ name: 'bob', realName: 'Bob Baker' });
  const general = team.createChannel({ name: 'general', members: [ann, bob] });
  const app = team.createApp();
  const { userToken } = app.install(ann);
  await app.setEventsUrl(receiver.url);
  receiver.received.length = 0;
  return { team, ann, bob, general, app, userToken };
}

/** The events that arrived, without their envelopes. */
function events(): Record<string, unknown>[] {
  return receiver.bodies.map((body) => body.event as Record<string, unknown>);
}

test('a request URL is proved by a signed challenge; one that does not answer is refused', async () => {
  const { app } = await world();
  const dead = await EventReceiver.start(() => emptyReply(200));
  await expect(app.setEventsUrl(dead.url)).rejects.toThrow('did not answer the challenge');
  expect(app.eventsUrl).toBe(receiver.url);
  expect(dead.bodies[0]).toMatchObject({ type: 'url_verification', challenge: expect.any(String) });
  expect(dead.received[0]?.headers['x-slack-signature']).toMatch(/^v0=[0-9a-f]{64}$/);
  await dead.stop();
});

test('a message reaches the installer’s app in the real envelope, signed over the raw body', async () => {
  const { team, ann, bob, general, app } = await world();
  const ts = bob.post(general, 'hi <@U1>');
  await slack.flushDeliveries();
  expect(receiver.bodies).toMatchObject([
    {
      type: 'event_callback',
      team_id: team.id,
      api_app_id: app.appId,
      event_id: expect.stringMatching(/^Ev/),
      authorizations: [{ user_id: ann.id, is_bot: false, team_id: team.id }],
      event: {
        type: 'message',
        user: bob.id,
        text: 'hi <@U1>',
        channel: general.id,
        ts,
        event_ts: ts,
        channel_type: 'channel',
      },
    },
  ]);
  const [request] = receiver.received;
  const timestamp = request?.headers['x-slack-request-timestamp'];
  const mac = createHmac('sha256', app.signingSecret)
    .update(`v0:${timestamp}:${request?.body.toString()}`)
    .digest('hex');
  expect(request?.headers['x-slack-signature']).toBe(`v0=${mac}`);
  slack.assertNoViolations();
});

test('edits, unfurls, deletes, reactions, threads and system messages have Slack’s shapes', async () => {
  const { ann, bob, general } = await world();
  const ts = bob.post(general, 'one');
  bob.edit(general, ts, 'two');
  general.unfurl(ts, { fallback: 'preview', from_url: 'https://example.org', id: 1 });
  ann.react(general, ts, 'tada');
  ann.unreact(general, ts, 'tada');
  const reply = bob.post(general, 'reply', { threadTs: ts, broadcast: true });
  bob.delete(general, ts);
  bob.delete(general, reply);
  bob.setTopic(general, 'news');
  bob.leave(general);
  bob.join(general);
  bob.renameChannel(general, 'lobby');
  await slack.flushDeliveries();
  const kinds = events().map((event) => `${String(event.type)}/${String(event.subtype ?? '')}`);
  expect(kinds).toEqual([
    'message/',
    'message/message_changed',
    'message/message_changed',
    'reaction_added/',
    'reaction_removed/',
    'message/thread_broadcast',
    'message/message_changed',
    'message/message_deleted',
    'message/message_deleted',
    'message/channel_topic',
    'message/channel_leave',
    'member_left_channel/',
    'member_joined_channel/',
    'message/channel_join',
    'message/channel_name',
    'channel_rename/',
  ]);
  const [, edit, unfurl, , , , tombstone] = events();
  expect(edit).toMatchObject({
    message: { text: 'two', edited: { user: bob.id } },
    previous_message: { text: 'one' },
  });
  expect(unfurl).toMatchObject({ message: { text: 'two', attachments: [{ fallback: 'preview' }] } });
  expect(tombstone).toMatchObject({ message: { subtype: 'tombstone', ts } });
  slack.assertNoViolations();
});

test('only what the installer sees is delivered: their private channels and direct messages, not others’', async () => {
  const { team, ann, bob } = await world();
  const cat = team.createUser({ name: 'cat', realName: 'Cat Cole' });
  const others = team.createChannel({ name: 'others', isPrivate: true, members: [bob, cat] });
  const theirs = team.createChannel({ name: 'theirs', isPrivate: true, members: [bob, ann] });
  const dm = team.openDm([ann, bob]);
  const group = team.openDm([ann, bob, cat]);
  const foreignDm = team.openDm([bob, cat]);
  await slack.flushDeliveries();
  receiver.received.length = 0;
  for (const channel of [others, theirs, dm, group, foreignDm]) bob.post(channel, 'x');
  await slack.flushDeliveries();
  expect(events().map((event) => [event.channel, event.channel_type])).toEqual([
    [theirs.id, 'group'],
    [dm.id, 'im'],
    [group.id, 'mpim'],
  ]);
  slack.assertNoViolations();
});

test('files come as a file_share message and a file_shared event', async () => {
  const { bob, general } = await world();
  bob.post(general, 'look', { files: [{ name: 'cat.png', bytes: Buffer.from('png') }] });
  await slack.flushDeliveries();
  expect(events()).toMatchObject([
    { type: 'message', subtype: 'file_share', files: [{ name: 'cat.png', mimetype: 'image/png' }] },
    { type: 'file_shared', channel_id: general.id },
  ]);
  slack.assertNoViolations();
});

test('people and workspace: user_change, emoji_changed, team_rename', async () => {
  const { team, bob } = await world();
  bob.setProfile({ displayName: 'Bobby', newAvatar: true });
  team.addEmoji('party-cat');
  team.rename('Acme Inc');
  await slack.flushDeliveries();
  expect(events()).toMatchObject([
    { type: 'user_change', user: { id: bob.id, profile: { display_name: 'Bobby' } } },
    { type: 'emoji_changed', subtype: 'add', name: 'party-cat' },
    { type: 'team_rename', name: 'Acme Inc' },
  ]);
  slack.assertNoViolations();
});

test('a refused event is retried at once, after a minute and after five, under the same id', async () => {
  const { bob, general } = await world();
  answer = () => emptyReply(500);
  bob.post(general, 'x');
  await slack.flushDeliveries();
  const tries = () =>
    receiver.received.map((r) => [r.headers['x-slack-retry-num'], r.headers['x-slack-retry-reason']]);
  expect(tries()).toEqual([
    [undefined, undefined],
    ['1', 'http_error'],
  ]);
  await slack.advance(60_000);
  expect(tries()).toHaveLength(3);
  await slack.advance(299_999);
  expect(tries()).toHaveLength(3);
  answer = () => emptyReply(200);
  await slack.advance(1);
  expect(tries()).toHaveLength(4);
  await slack.advance(3_600_000);
  expect(tries()).toHaveLength(4);
  expect(new Set(receiver.bodies.map((body) => body.event_id)).size).toBe(1);
});

test('x-slack-no-retry ends the retries', async () => {
  const { bob, general } = await world();
  answer = () => emptyReply(503, { 'x-slack-no-retry': '1' });
  bob.post(general, 'x');
  await slack.flushDeliveries();
  await slack.advance(600_000);
  expect(receiver.received).toHaveLength(1);
});

test('an endpoint that says nothing for three seconds gets the event again', async () => {
  const { bob, general } = await world();
  let calls = 0;
  answer = () => (++calls === 1 ? { kind: 'hang' } : emptyReply(200));
  bob.post(general, 'x');
  await expect.poll(() => receiver.received.length).toBe(1);
  await slack.advance(3000);
  expect(receiver.received[1]?.headers['x-slack-retry-reason']).toBe('http_timeout');
  expect(slack.deliveryLog.map((attempt) => attempt.outcome.kind)).toEqual(['timed_out', 'acknowledged']);
});

test('Slack switches off an endpoint that fails nearly always, once it had a thousand tries in an hour', async () => {
  const { bob, general, app } = await world();
  answer = () => emptyReply(500, { 'x-slack-no-retry': '1' });
  for (let i = 0; i < 999; i++) bob.post(general, 'x');
  await slack.flushDeliveries();
  expect(app.eventsUrl).toBe(receiver.url);
  bob.post(general, 'x');
  await slack.flushDeliveries();
  expect(app.eventsUrl).toBeUndefined();
});

test('duplicates, losses, delays and disorder can be ordered', async () => {
  const { bob, general } = await world();
  const texts = () => events().map((event) => event.text);
  slack.faults.disturbEvents('message', { kind: 'duplicate' });
  bob.post(general, 'twice');
  await slack.flushDeliveries();
  expect(texts()).toEqual(['twice', 'twice']);
  slack.faults.disturbEvents('message', { kind: 'drop' });
  bob.post(general, 'lost');
  slack.faults.disturbEvents('message', { kind: 'delay', delayMs: 5000 });
  bob.post(general, 'late');
  bob.post(general, 'next');
  await slack.flushDeliveries();
  await slack.advance(5000);
  expect(texts().slice(2)).toEqual(['next', 'late']);
  slack.faults.reorderNextEvents(3);
  for (const text of ['a', 'b', 'c']) bob.post(general, text);
  await slack.flushDeliveries();
  expect(texts().slice(4)).toEqual(['c', 'b', 'a']);
});

test('bot events follow the bot’s own membership', async () => {
  const { team, ann, bob, general } = await world();
  const relay = team.createApp({ name: 'Relay', userEvents: [], botEvents: ['message.channels'] });
  const { botToken, botUserId } = relay.install(ann);
  await relay.setEventsUrl(receiver.url);
  bob.post(general, 'before');
  const invite = new URLSearchParams({ channel: general.id, token: botToken });
  await fetch(`${slack.apiUrl}conversations.join`, { method: 'POST', body: invite });
  bob.post(general, 'after');
  await slack.flushDeliveries();
  const toRelay = receiver.bodies.filter((body) => body.api_app_id === relay.appId && body.event);
  expect(toRelay.map((body) => (body.event as { text: string }).text)).toEqual([
    `<@${botUserId}> has joined the channel`,
    'after',
  ]);
  expect(toRelay[0]).toMatchObject({ authorizations: [{ user_id: botUserId, is_bot: true }] });
  slack.assertNoViolations();
});

test('a person who removes the app: the token dies and tokens_revoked says so', async () => {
  const { ann, app, userToken } = await world();
  app.revoke(ann);
  await slack.flushDeliveries();
  expect(events()).toMatchObject([{ type: 'tokens_revoked', tokens: { oauth: [ann.id] } }]);
  const answered = await fetch(`${slack.apiUrl}auth.test`, {
    headers: { authorization: `Bearer ${userToken}` },
  });
  expect(await answered.json()).toMatchObject({ ok: false, error: 'invalid_auth' });
});

test('the same seed gives the same ids', async () => {
  const ids = async () => {
    const one = await SlackSimulator.start({ seed: 'again' });
    const team = one.createTeam({ name: 'Acme', domain: 'acme' });
    const user = team.createUser({ name: 'ann', realName: 'Ann' });
    await one.stop();
    return [team.id, user.id, team.createApp().signingSecret];
  };
  expect(await ids()).toEqual(await ids());
});
