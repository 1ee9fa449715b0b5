import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { ClientEvent } from '../../../matrix/events.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { markOf } from '../../core/hash.ts';
import { chatIdOf, loginIdOf } from '../slack-ids.ts';
import { markType } from '../slack-message.ts';
import {
  callback,
  deliver,
  matrixEvent,
  owner,
  type SlackBridge,
  slackEnv,
  startSlackBridge,
  transact,
  until,
} from '../testing/slack-bridge.ts';

let bridge: SlackBridge;
let roomId = '';
let count = 0;
const chatId = chatIdOf('T1', 'C1');

beforeAll(async () => {
  bridge = await startSlackBridge();
  await slackEnv.PORTALS.getByName(chatId).enqueueRemote(loginIdOf('T1', 'U1'), [
    { kind: 'chatResync', chatId, timestampMs: 0, version: '1' },
  ]);
  await until(async () => {
    const status = await portal().status();
    expect([status.roomId !== undefined, status.queued]).toEqual([true, 0]);
    roomId = status.roomId ?? '';
  });
});

afterEach(() => {
  bridge.slack.before = () => undefined;
  bridge.slack.after = () => undefined;
});

const portal = () => slackEnv.PORTALS.getByName(chatId);
const stub = () => portal() as unknown as DurableObjectStub;

async function say(content: JsonObject, more: Partial<ClientEvent> = {}): Promise<string> {
  const eventId = `$matrix${++count}`;
  const response = await transact(`txn${count}`, [matrixEvent(roomId, eventId, content, more)]);
  expect(response.status).toBe(200);
  return eventId;
}

const text = (body: string): JsonObject => ({ msgtype: 'm.text', body });

async function expectDone(): Promise<void> {
  await until(async () => expect((await portal().status()).queued).toBe(0));
}

/** So much later, by the alarm. */
async function later(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await runDurableObjectAlarm(stub());
}

const posted = (body: string) => bridge.slack.messages.filter((message) => message.text === body);

test('a message is posted once as the person, with our mark, however often the transaction comes', async () => {
  const event = matrixEvent(roomId, '$once', text('hello <!channel> & https://roost.test/x.'));
  for (const txnId of ['a', 'a', 'b']) expect((await transact(txnId, [event])).status).toBe(200);
  await expectDone();
  const [message] = posted('hello &lt;!channel&gt; &amp; https://roost.test/x.');
  expect(bridge.slack.callsTo('chat.postMessage')).toHaveLength(1);
  expect(message?.metadata).toEqual({ event_type: markType, event_payload: { id: markOf('$once', 0) } });
  expect(JSON.stringify(message?.blocks)).not.toContain('broadcast');
});

test('an answer that gets lost: the post is found by its mark and not made again', async () => {
  bridge.slack.after = (method) => (method === 'chat.postMessage' ? 'cut' : undefined);
  const eventId = await say(text('lost answer'));
  await until(() => expect(posted('lost answer')).toHaveLength(1));
  await until(async () => expect((await portal().status()).queued).toBe(1));
  await later(5_000);
  await expectDone();
  expect(posted('lost answer')).toHaveLength(1);
  // It is known from then on: an edit finds it.
  await say({
    ...text('* x'),
    'm.new_content': text('edited'),
    'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
  });
  await until(() => expect(posted('edited')).toHaveLength(1));
});

test('a post that never arrived is made again, once that is certain', async () => {
  let cuts = 1;
  bridge.slack.before = (method) => (method === 'chat.postMessage' && cuts-- > 0 ? 'cut' : undefined);
  await say(text('never arrived'));
  await until(() => expect(cuts).toBe(0));
  await until(async () => expect((await portal().status()).queued).toBe(1));
  await later(5_000);
  expect(posted('never arrived')).toHaveLength(0);
  await later(20_000);
  await expectDone();
  expect(posted('never arrived')).toHaveLength(1);
});

test('an object that dies between post and note finds its post again', async () => {
  const isPosted = new Promise<void>((resolve) => {
    bridge.slack.after = (method) => {
      if (method !== 'chat.postMessage') return undefined;
      resolve();
      // The answer never comes: the object goes away first.
      return new Promise<Response>(() => {});
    };
  });
  await say(text('crash'));
  await isPosted;
  bridge.slack.after = () => undefined;
  await runInDurableObject(stub(), (_, state) => state.abort('power cut')).catch(() => undefined);
  await later(30_000);
  await expectDone();
  expect(posted('crash')).toHaveLength(1);
});

test('the echo may come before the answer', async () => {
  let echoes = 0;
  bridge.slack.after = (method) => {
    if (method !== 'chat.postMessage' || echoes++ > 0) return undefined;
    const message = bridge.slack.messages.at(-1);
    const event = { ...message, type: 'message', channel: 'C1', event_ts: message?.ts };
    return (async () => {
      await deliver(bridge.ingressKey, callback(`Ev${++count}`, event));
      await until(async () => expect((await portal().status()).queued).toBe(2));
      return Response.json({ ok: true, ts: message?.ts, message });
    })();
  };
  await say(text('echo first'));
  await until(() => expect(echoes).toBe(1));
  await expectDone();
  expect(bridge.homeserver.timeline(roomId).filter((line) => line.includes('echo first'))).toEqual([]);
});

test('a rate limit delays the post and keeps the order', async () => {
  let limited = 1;
  bridge.slack.before = (method) =>
    method === 'chat.postMessage' && limited-- > 0
      ? new Response('{"ok":false,"error":"ratelimited"}', { status: 429, headers: { 'retry-after': '7' } })
      : undefined;
  await say(text('first'));
  await say(text('second'));
  await until(async () => expect((await portal().status()).queued).toBe(2));
  // Seven seconds and up to a quarter more.
  await later(9_000);
  await expectDone();
  const order = bridge.slack.messages
    .map((message) => message.text)
    .filter((body) => /^(first|second)$/.test(body));
  expect(order).toEqual(['first', 'second']);
});

test('a refusal is told on the message itself, and the next one goes out', async () => {
  let refusals = 1;
  bridge.slack.before = (method) =>
    method === 'chat.postMessage' && refusals-- > 0
      ? Response.json({ ok: false, error: 'is_archived' })
      : undefined;
  const eventId = await say(text('refused'));
  await say(text('accepted'));
  await expectDone();
  const status = bridge.homeserver.events.find((event) => event.type === 'com.beeper.message_send_status');
  expect(status?.content).toMatchObject({ status: 'FAIL_PERMANENT', internal_error: 'is_archived' });
  expect(status?.content['m.relates_to']).toMatchObject({ event_id: eventId });
  expect(bridge.homeserver.timeline(roomId).at(-1)).toBe('@slackbot: ⚠️ Not sent: This channel is archived.');
  expect(posted('accepted')).toHaveLength(1);
});

test('B3: who is not logged in speaks through nobody', async () => {
  const posts = bridge.slack.callsTo('chat.postMessage').length;
  await say(text('let me in'), { sender: '@mallory:elsewhere.test' as ClientEvent['sender'] });
  await say(text('ghost'), { sender: '@slack_t1-u2:roost.test' as ClientEvent['sender'] });
  await say(text('bot'), { sender: '@slackbot:roost.test' as ClientEvent['sender'] });
  await expectDone();
  expect(bridge.slack.callsTo('chat.postMessage')).toHaveLength(posts);
});

test('B2: edits, reactions, threads and deletions reach the post; their echoes make no events', async () => {
  const eventId = await say(text('root'));
  await expectDone();
  const [root] = posted('root');
  await say({
    ...text('in thread'),
    'm.relates_to': {
      rel_type: 'm.thread',
      event_id: eventId,
      is_falling_back: true,
      'm.in_reply_to': { event_id: eventId },
    },
  });
  await say({
    ...text('> <@x:y> root\n\nreply'),
    'm.relates_to': { 'm.in_reply_to': { event_id: eventId } },
  });
  const reaction = await say(
    { 'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key: '👍️' } },
    { type: 'm.reaction' },
  );
  await say({
    ...text('* root 2'),
    'm.new_content': text('root 2'),
    'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
  });
  await expectDone();
  expect(posted('in thread')[0]?.thread_ts).toBe(root?.ts);
  expect(posted('reply')[0]?.thread_ts).toBe(root?.ts);
  expect(root?.text).toBe('root 2');
  expect(bridge.slack.reactions).toContain(`${root?.ts} +1`);

  const before = bridge.homeserver.events.length;
  const echoes = [
    {
      type: 'message',
      subtype: 'message_changed',
      channel: 'C1',
      ts: '1700000999.000001',
      event_ts: '1700000999.000001',
      message: { ...root, type: 'message', edited: { user: 'U1', ts: '1700000999.000000' } },
      previous_message: { ...root, type: 'message', text: 'root', blocks: [] },
    },
    {
      type: 'reaction_added',
      user: 'U1',
      reaction: '+1',
      item: { type: 'message', channel: 'C1', ts: root?.ts },
      event_ts: '1700000999.000002',
    },
  ];
  for (const echo of echoes) await deliver(bridge.ingressKey, callback(`Ev${++count}`, echo));
  await say({}, { type: 'm.room.redaction', redacts: reaction });
  await say({}, { type: 'm.room.redaction', redacts: eventId });
  await expectDone();
  expect(bridge.slack.reactions).not.toContain(`${root?.ts} +1`);
  expect(posted('root 2')).toHaveLength(0);
  await deliver(
    bridge.ingressKey,
    callback(`Ev${++count}`, {
      type: 'message',
      subtype: 'message_deleted',
      channel: 'C1',
      deleted_ts: root?.ts,
      ts: '1700000999.000003',
      event_ts: '1700000999.000003',
    }),
  );
  await expectDone();
  expect(bridge.homeserver.events.slice(before).map((event) => event.type)).toEqual([]);
});

test('read marks go out without the homeserver waiting for Slack', async () => {
  const eventId = await say(text('to be read'));
  await expectDone();
  const held = Promise.withResolvers<Response>();
  bridge.slack.before = (method) => (method === 'conversations.mark' ? held.promise : undefined);
  const receipt = {
    type: 'm.receipt',
    room_id: roomId,
    content: { [eventId]: { 'm.read': { [owner]: { ts: Date.now() } } } },
  };
  expect((await transact('receipt', [], [receipt])).status).toBe(200);
  await until(() => expect(bridge.slack.callsTo('conversations.mark')).toHaveLength(1));
  held.resolve(Response.json({ ok: true }));
});

test('a token that died marks the login and tells its owner', async () => {
  bridge.slack.before = (method) =>
    method === 'chat.postMessage' ? Response.json({ ok: false, error: 'token_revoked' }) : undefined;
  await say(text('too late'));
  await expectDone();
  const state = await slackEnv.DB.prepare('SELECT state, state_reason FROM logins').first();
  expect(state).toEqual({ state: 'bad_credentials', state_reason: 'token_revoked' });
  const told = bridge.homeserver.events.find((event) => String(event.content.body).includes('log in again'));
  expect(bridge.homeserver.members.get(told?.roomId ?? '')?.get(owner)).toBe('invite');
});
