/**
 * Slack's own client drives the simulator. What it stands for: the Web API as docs.slack.dev describes it, with the
 * errors, pages, threads and file uploads that `@slack/web-api` meets at slack.com.
 */
import { type WebAPICallResult, WebClient } from '@slack/web-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SlackSimulator } from './slack-simulator.ts';

let slack: SlackSimulator;

beforeEach(async () => {
  slack = await SlackSimulator.start();
});

afterEach(async () => {
  await slack.stop();
});

/** Without the client's own retries, which would hide what the simulator answered. */
function client(token: string): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
}

function world() {
  const team = slack.createTeam({ name: 'Acme', domain: 'acme' });
  const ann = team.createUser({ name: 'ann', realName: 'Ann Archer' });
  const bob = team.createUser({ name: 'bob', realName: 'Bob Baker' });
  const general = team.createChannel({ name: 'general', members: [ann, bob] });
  const app = team.createApp();
  const { userToken, botToken } = app.install(ann);
  return {
    team,
    ann,
    bob,
    general,
    app,
    userToken,
    botToken,
    asAnn: client(userToken),
    asBot: client(botToken),
  };
}

async function errorOf(call: Promise<WebAPICallResult>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return (error as { data?: { error?: string } }).data?.error ?? String(error);
  }
  return 'no error';
}

test('auth.test names the person behind a user token and the bot behind a bot token', async () => {
  const { team, ann, asAnn, asBot } = world();
  expect(await asAnn.auth.test()).toMatchObject({ ok: true, user_id: ann.id, team_id: team.id, user: 'ann' });
  expect(await asBot.auth.test()).toMatchObject({ ok: true, bot_id: expect.stringMatching(/^B/) });
  expect(await errorOf(client('xoxp-wrong').auth.test())).toBe('invalid_auth');
  slack.assertNoViolations();
});

test('a post under a person’s token shows the person and still carries the app’s ids', async () => {
  const { ann, general, app, asAnn } = world();
  const posted = await asAnn.chat.postMessage({ channel: general.id, text: 'hello *there* :wave:' });
  expect(posted.message).toMatchObject({
    user: ann.id,
    app_id: app.appId,
    bot_id: expect.stringMatching(/^B/),
  });
  expect(posted.message?.blocks?.[0]).toMatchObject({
    type: 'rich_text',
    elements: [
      {
        elements: [
          { type: 'text', text: 'hello ' },
          { type: 'text', text: 'there', style: { bold: true } },
          { type: 'text', text: ' ' },
          { type: 'emoji', name: 'wave' },
        ],
      },
    ],
  });
  slack.assertNoViolations();
});

test('a person’s own client leaves no app id, and its messages have a client_msg_id', async () => {
  const { bob, general } = world();
  const posted = await client(bob.personalToken).chat.postMessage({ channel: general.id, text: 'typed' });
  expect(posted.message?.app_id).toBeUndefined();
  expect(general.message(posted.ts ?? '')).toMatchObject({ user: bob.id, client_msg_id: expect.any(String) });
  slack.assertNoViolations();
});

test('a bot may take another name, a person may not', async () => {
  const { team, general, asAnn, asBot, ann } = world();
  await asBot.conversations.join({ channel: general.id });
  const fromBot = await asBot.chat.postMessage({
    channel: general.id,
    text: 'x',
    username: 'Zoe',
    icon_url: 'https://e.x/i',
  });
  expect(fromBot.message).toMatchObject({ subtype: 'bot_message', username: 'Zoe' });
  const fromAnn = await asAnn.chat.postMessage({ channel: general.id, text: 'x', username: 'Zoe' });
  expect(fromAnn.message).toMatchObject({ user: ann.id });
  const narrow = team
    .createApp({ name: 'Narrow' })
    .install(ann, { botScopes: ['chat:write', 'channels:join'] });
  const narrowBot = client(narrow.botToken);
  await narrowBot.conversations.join({ channel: general.id });
  expect(await errorOf(narrowBot.chat.postMessage({ channel: general.id, text: 'x', username: 'Zoe' }))).toBe(
    'missing_scope',
  );
  slack.assertNoViolations();
});

test('history pages from newest to oldest, by cursor, and messages sent meanwhile do not shift the pages', async () => {
  const { bob, general, asAnn } = world();
  const sent = Array.from({ length: 7 }, (_, i) => bob.post(general, `message ${i}`));
  const first = await asAnn.conversations.history({ channel: general.id, limit: 3 });
  expect(first.messages?.map((m) => m.ts)).toEqual(sent.slice(4).reverse());
  bob.post(general, 'meanwhile');
  const rest: string[] = [];
  let cursor = first.response_metadata?.next_cursor ?? '';
  while (cursor) {
    const page = await asAnn.conversations.history({ channel: general.id, limit: 3, cursor });
    rest.push(...(page.messages ?? []).map((m) => m.ts ?? ''));
    cursor = page.response_metadata?.next_cursor ?? '';
  }
  expect(rest).toEqual(sent.slice(0, 4).reverse());
  slack.assertNoViolations();
});

test('oldest and latest bound the history, inclusive only when asked', async () => {
  const { bob, general, asAnn } = world();
  const [a = '', b = '', c = ''] = ['a', 'b', 'c'].map((text) => bob.post(general, text));
  const texts = async (range: object) =>
    (await asAnn.conversations.history({ channel: general.id, ...range })).messages?.map((m) => m.text);
  expect(await texts({ oldest: a, latest: c })).toEqual(['b']);
  expect(await texts({ oldest: a, latest: c, inclusive: true })).toEqual(['c', 'b', 'a']);
  expect(await texts({ latest: b, inclusive: true, limit: 1 })).toEqual(['b']);
  expect(await errorOf(asAnn.conversations.history({ channel: general.id, oldest: 'x1' }))).toBe(
    'invalid_ts_oldest',
  );
});

test('the client’s own paginator walks every channel', async () => {
  const { team, ann, asAnn } = world();
  for (let i = 0; i < 5; i++) team.createChannel({ name: `topic-${i}`, members: [ann] });
  const names: string[] = [];
  for await (const page of asAnn.paginate('users.conversations', { limit: 2, types: 'public_channel' })) {
    names.push(
      ...(page as unknown as { channels: { name: string }[] }).channels.map((channel) => channel.name),
    );
  }
  expect(names).toHaveLength(6);
  slack.assertNoViolations();
});

test('threads: replies stay out of the history unless broadcast, and the parent counts them', async () => {
  const { ann, bob, general, asAnn } = world();
  const parent = bob.post(general, 'parent');
  const reply = await asAnn.chat.postMessage({ channel: general.id, text: 'reply', thread_ts: parent });
  const loud = await asAnn.chat.postMessage({
    channel: general.id,
    text: 'loud',
    thread_ts: parent,
    reply_broadcast: true,
  });
  const history = await asAnn.conversations.history({ channel: general.id });
  expect(history.messages?.map((m) => m.ts)).toEqual([loud.ts, parent]);
  expect(history.messages?.[0]).toMatchObject({ subtype: 'thread_broadcast', root: { ts: parent } });
  expect(history.messages?.[1]).toMatchObject({
    reply_count: 2,
    latest_reply: loud.ts,
    reply_users: [ann.id],
  });
  const page = await asAnn.conversations.replies({ channel: general.id, ts: parent, limit: 1 });
  expect(page.messages?.map((m) => m.ts)).toEqual([parent, reply.ts]);
  const next = await asAnn.conversations.replies({
    channel: general.id,
    ts: parent,
    limit: 1,
    cursor: page.response_metadata?.next_cursor ?? '',
  });
  expect(next.messages?.map((m) => m.ts)).toEqual([parent, loud.ts]);
  expect(next.messages?.[1]).toMatchObject({ parent_user_id: bob.id });
  expect(next.has_more).toBe(false);
  slack.assertNoViolations();
});

test('a reply to a message that is not there is taken and never seen again; a malformed one is refused', async () => {
  const { general, asAnn } = world();
  const post = (thread_ts: string) =>
    asAnn.chat.postMessage({ channel: general.id, text: 'lost', thread_ts });
  expect(await errorOf(post('0'))).toBe('invalid_thread_ts');
  expect(await post('1600000000.000100')).toMatchObject({ ok: true });
  expect((await asAnn.conversations.history({ channel: general.id })).messages).toEqual([]);
  slack.assertNoViolations();
});

test('edits and deletes: only one’s own; a parent with replies becomes a tombstone', async () => {
  const { bob, general, asAnn } = world();
  const foreign = bob.post(general, 'foreign');
  expect(await errorOf(asAnn.chat.update({ channel: general.id, ts: foreign, text: 'x' }))).toBe(
    'cant_update_message',
  );
  expect(await errorOf(asAnn.chat.delete({ channel: general.id, ts: foreign }))).toBe('cant_delete_message');
  expect(await errorOf(asAnn.chat.delete({ channel: general.id, ts: '1.000000' }))).toBe('message_not_found');
  const { ts = '' } = await asAnn.chat.postMessage({ channel: general.id, text: 'first' });
  await asAnn.chat.update({ channel: general.id, ts, text: 'second' });
  expect(general.message(ts)).toMatchObject({ text: 'second', edited: { ts: expect.any(String) } });
  const reply = bob.post(general, 'reply', { threadTs: ts });
  await asAnn.chat.delete({ channel: general.id, ts });
  expect(general.message(ts)).toMatchObject({ subtype: 'tombstone', reply_count: 1 });
  bob.delete(general, reply);
  expect(general.message(ts)).toBeUndefined();
  slack.assertNoViolations();
});

test('a workspace’s edit window closes', async () => {
  const { team, general, asAnn } = world();
  const { ts = '' } = await asAnn.chat.postMessage({ channel: general.id, text: 'first' });
  team.setEditWindow(-1);
  expect(await errorOf(asAnn.chat.update({ channel: general.id, ts, text: 'late' }))).toBe(
    'edit_window_closed',
  );
});

test('content that Slack refuses', async () => {
  const { general, asAnn } = world();
  const post = (content: object) =>
    errorOf(asAnn.chat.postMessage({ channel: general.id, ...content } as never));
  expect(await post({ text: '' })).toBe('no_text');
  expect(await post({ text: 'x'.repeat(40_001) })).toBe('msg_too_long');
  const section = { type: 'section', text: { type: 'plain_text', text: 'y'.repeat(2900) } };
  expect(await post({ text: 'x', blocks: Array.from({ length: 5 }, () => section) })).toBe(
    'msg_blocks_too_long',
  );
  const empty = {
    type: 'rich_text',
    elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: '' }] }],
  };
  expect(await post({ text: 'x', blocks: [empty] })).toBe('invalid_blocks');
  expect(slack.violations.map((violation) => violation.operation)).toEqual(['chat.postMessage']);
});

test('metadata is kept, and shown only on request', async () => {
  const { general, asAnn } = world();
  const metadata = { event_type: 'roost_message', event_payload: { id: 'abc' } };
  await asAnn.chat.postMessage({ channel: general.id, text: 'x', metadata });
  const plain = await asAnn.conversations.history({ channel: general.id });
  expect(plain.messages?.[0]?.metadata).toBeUndefined();
  const full = await asAnn.conversations.history({ channel: general.id, include_all_metadata: true });
  expect(full.messages?.[0]?.metadata).toEqual(metadata);
  slack.assertNoViolations();
});

test('reactions: once a person and name, known names only', async () => {
  const { team, ann, bob, general, asAnn } = world();
  const timestamp = bob.post(general, 'x');
  const react = (name: string) => errorOf(asAnn.reactions.add({ channel: general.id, timestamp, name }));
  expect(await react('thumbsup')).toBe('no error');
  expect(await react('thumbsup')).toBe('already_reacted');
  expect(await react('no_such_thing')).toBe('invalid_name');
  team.addEmoji('party-cat');
  expect(await react('party-cat')).toBe('no error');
  const shown = await asAnn.reactions.get({ channel: general.id, timestamp });
  expect(shown.message?.reactions?.[0]).toEqual({ name: 'thumbsup', users: [ann.id], count: 1 });
  await asAnn.reactions.remove({ channel: general.id, timestamp, name: 'thumbsup' });
  expect(await errorOf(asAnn.reactions.remove({ channel: general.id, timestamp, name: 'thumbsup' }))).toBe(
    'no_reaction',
  );
  expect((await asAnn.emoji.list()).emoji).toHaveProperty('party-cat');
  slack.assertNoViolations();
});

test('what a token may not see does not exist; what it only sees it cannot write to', async () => {
  const { team, bob, general, asAnn, asBot } = world();
  const secret = team.createChannel({ name: 'secret', isPrivate: true, members: [bob] });
  const open = team.createChannel({ name: 'open', members: [bob] });
  const dm = team.openDm([bob, team.createUser({ name: 'cat', realName: 'Cat Cole' })]);
  bob.post(open, 'public');
  expect(await errorOf(asAnn.conversations.history({ channel: secret.id }))).toBe('channel_not_found');
  expect(await errorOf(asAnn.conversations.history({ channel: dm.id }))).toBe('channel_not_found');
  expect((await asAnn.conversations.history({ channel: open.id })).messages).toHaveLength(1);
  expect(await errorOf(asAnn.chat.postMessage({ channel: open.id, text: 'x' }))).toBe('not_in_channel');
  expect(await errorOf(asBot.conversations.history({ channel: general.id }))).toBe('not_in_channel');
  slack.assertNoViolations();
});

test('a missing scope is named', async () => {
  const { team, ann, general } = world();
  const { userToken } = team.createApp({ name: 'Reader' }).install(ann, { scopes: ['channels:read'] });
  const reader = client(userToken);
  const refused = await reader.chat
    .postMessage({ channel: general.id, text: 'x' })
    .catch((error: unknown) => error);
  expect(refused).toMatchObject({
    data: { error: 'missing_scope', needed: 'chat:write', provided: 'channels:read,identify' },
  });
  expect(await errorOf(reader.conversations.list({ types: 'private_channel' }))).toBe('missing_scope');
  slack.assertNoViolations();
});

test('conversations: open, info, members, mark, create, rename, topic and purpose', async () => {
  const { ann, bob, general, asAnn, team } = world();
  const opened = await asAnn.conversations.open({ users: bob.id });
  const again = await asAnn.conversations.open({ users: bob.id, return_im: true });
  expect(again).toMatchObject({
    already_open: true,
    channel: { id: opened.channel?.id, user: bob.id, is_im: true },
  });
  const dm = team.channel(opened.channel?.id ?? '');
  const ts = bob.post(dm, 'psst');
  await asAnn.conversations.mark({ channel: dm.id, ts });
  expect((await asAnn.conversations.info({ channel: dm.id })).channel).toMatchObject({ last_read: ts });
  expect((await asAnn.conversations.members({ channel: general.id })).members).toEqual([ann.id, bob.id]);
  const created = await asAnn.conversations.create({ name: 'plans' });
  const channel = created.channel?.id ?? '';
  expect(await errorOf(asAnn.conversations.create({ name: 'plans' }))).toBe('name_taken');
  await asAnn.conversations.setTopic({ channel, topic: 'the topic' });
  await asAnn.conversations.setPurpose({ channel, purpose: 'the purpose' });
  await asAnn.conversations.rename({ channel, name: 'better-plans' });
  const info = await asAnn.conversations.info({ channel, include_num_members: true });
  expect(info.channel).toMatchObject({
    name: 'better-plans',
    previous_names: ['plans'],
    topic: { value: 'the topic', creator: ann.id },
    purpose: { value: 'the purpose' },
    num_members: 1,
  });
  slack.assertNoViolations();
});

test('people, workspace and usergroups', async () => {
  const { team, ann, bob, app, asAnn, asBot } = world();
  team.createUsergroup({ handle: 'devs', name: 'Developers', users: [ann, bob] });
  expect((await asAnn.users.info({ user: bob.id })).user).toMatchObject({
    id: bob.id,
    profile: { display_name: 'bob' },
  });
  expect((await asAnn.users.list({ limit: 2 })).members).toHaveLength(2);
  expect((await asAnn.users.profile.get({})).profile).toMatchObject({ real_name: 'Ann Archer' });
  expect((await asAnn.team.info()).team).toMatchObject({ id: team.id, domain: 'acme' });
  expect((await asAnn.usergroups.list({ include_users: true })).usergroups?.[0]).toMatchObject({
    users: [ann.id, bob.id],
  });
  expect(await errorOf(asAnn.users.info({ user: 'U0000000' }))).toBe('user_not_found');
  const bot = (await asBot.auth.test()).bot_id ?? '';
  expect((await asAnn.bots.info({ bot })).bot).toMatchObject({ id: bot, name: 'Roost', app_id: app.appId });
  const image = (await asAnn.users.info({ user: bob.id })).user?.profile?.image_512 ?? '';
  expect((await fetch(image)).headers.get('content-type')).toBe('image/png');
  slack.assertNoViolations();
});

test('arguments come as form, as JSON or in the query; a token never in JSON', async () => {
  const { general, userToken } = world();
  const call = async (path: string, init: RequestInit) =>
    (await (await fetch(`${slack.apiUrl}${path}`, init)).json()) as { ok: boolean; error?: string };
  const headers = { authorization: `Bearer ${userToken}` };
  const body = { channel: general.id, text: 'x' };
  const json = { ...headers, 'content-type': 'application/json; charset=utf-8' };
  expect(
    await call('chat.postMessage', { method: 'POST', headers: json, body: JSON.stringify(body) }),
  ).toMatchObject({ ok: true });
  const form = new URLSearchParams({ ...body, token: userToken });
  expect(await call('chat.postMessage', { method: 'POST', body: form })).toMatchObject({ ok: true });
  expect(await call(`conversations.info?channel=${general.id}`, { headers })).toMatchObject({ ok: true });
  slack.assertNoViolations();
  const inBody = JSON.stringify({ ...body, token: userToken });
  const refused = await call('chat.postMessage', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: inBody,
  });
  expect(refused).toMatchObject({ ok: false, error: 'not_authed' });
  expect(await call('no.such', { method: 'POST', headers })).toMatchObject({ error: 'unknown_method' });
});

test('a call that the specification does not know is a violation', async () => {
  const { general, asAnn } = world();
  await asAnn.apiCall('conversations.info', { channel: general.id, include_everything: true });
  expect(() => slack.assertNoViolations()).toThrow('has no argument "include_everything"');
});
