/**
 * discord.js' own REST, webhook and CDN code drives the simulator. What it stands for: the HTTP API v10 as
 * discord.com/developers/docs and Discord's OpenAPI describe it, with its error codes, limits and signed links.
 */
import { DiscordAPIError, REST, Routes } from 'discord.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../loopback/clock.ts';
import type { DiscordBot } from './discord-bot.ts';
import { DiscordSimulator } from './discord-simulator.ts';

let discord: DiscordSimulator;

beforeEach(async () => {
  discord = await DiscordSimulator.start();
});

afterEach(async () => {
  await discord.stop();
});

function restOf(bot: DiscordBot): REST {
  return new REST({
    version: '10',
    api: discord.apiUrlUnversioned,
    cdn: discord.cdnUrl,
    retries: 0,
  }).setToken(bot.token);
}

function world() {
  const ann = discord.createUser({ username: 'ann', globalName: 'Ann' });
  const guild = discord.createGuild({ name: 'Guild', members: [ann] });
  const general = guild.createChannel({ name: 'general', topic: 'talk' });
  const bot = discord.createBotApplication();
  guild.addBot(bot);
  return { ann, guild, general, bot, rest: restOf(bot) };
}

async function codeOf(call: Promise<unknown>): Promise<number | string> {
  try {
    await call;
  } catch (error) {
    return error instanceof DiscordAPIError ? error.code : String(error);
  }
  return 'no error';
}

/** The parts of a message that these tests look at. */
interface Message {
  id: string;
  content: string;
  attachments: { id: string; url: string; filename: string }[];
}

test('the bot, its guilds, their channels and members', async () => {
  const { ann, guild, general, bot, rest } = world();
  expect(await rest.get(Routes.user())).toMatchObject({ id: bot.userId, bot: true });
  expect(await rest.get(Routes.user(ann.id))).toMatchObject({ username: 'ann', global_name: 'Ann' });
  expect(await rest.get(Routes.userGuilds())).toMatchObject([{ id: guild.id, name: 'Guild' }]);
  expect(await rest.get(Routes.guild(guild.id))).toMatchObject({ id: guild.id });
  expect(await rest.get(Routes.guildChannels(guild.id))).toMatchObject([{ id: general.id, topic: 'talk' }]);
  expect(
    await rest.get(Routes.guildMembers(guild.id), { query: new URLSearchParams({ limit: '10' }) }),
  ).toHaveLength(3);
  expect(await rest.get(Routes.guildMember(guild.id, ann.id))).toMatchObject({
    user: { id: ann.id },
    nick: null,
  });
  expect(await rest.get(Routes.gatewayBot())).toMatchObject({ url: discord.gatewayUrl, shards: 1 });
  expect(await rest.get(Routes.currentApplication())).toMatchObject({
    id: bot.applicationId,
    verify_key: bot.publicKey,
  });
  discord.assertNoViolations();
});

test('unknown things, foreign guilds and wrong tokens have Discord’s codes', async () => {
  const { general, rest, bot } = world();
  const foreign = discord.createGuild({ name: 'Foreign' });
  const foreignChannel = foreign.createChannel({ name: 'x' });
  const nobody = '100000000000000000';
  expect(await codeOf(rest.get(Routes.channel(nobody)))).toBe(10003);
  expect(await codeOf(rest.get(Routes.guild(foreign.id)))).toBe(10004);
  expect(await codeOf(rest.get(Routes.channelMessage(general.id, nobody)))).toBe(10008);
  expect(await codeOf(rest.get(Routes.user(nobody)))).toBe(10013);
  expect(await codeOf(rest.get(Routes.channel(foreignChannel.id)))).toBe(50001);
  const impostor = restOf({ ...bot, token: 'wrong' } as DiscordBot);
  await expect(impostor.get(Routes.user())).rejects.toMatchObject({ status: 401 });
  discord.assertNoViolations();
});

test('permissions: 50001 for what the bot cannot see, 50013 for what it may not do', async () => {
  const { general, bot, rest } = world();
  general.deny(bot, ['sendMessages', 'manageWebhooks']);
  expect(await codeOf(rest.post(Routes.channelMessages(general.id), { body: { content: 'x' } }))).toBe(50013);
  expect(await codeOf(rest.post(Routes.channelWebhooks(general.id), { body: { name: 'Roost' } }))).toBe(
    50013,
  );
  general.deny(bot, ['viewChannel']);
  expect(await codeOf(rest.get(Routes.channelMessages(general.id)))).toBe(50001);
});

test('messages are listed newest first; after, before and around choose the window', async () => {
  const { ann, general, rest } = world();
  const ids = Array.from({ length: 9 }, (_, i) => discord.postAs(ann, general, { content: `m${i}` }));
  const list = async (query: Record<string, string>) =>
    (
      (await rest.get(Routes.channelMessages(general.id), { query: new URLSearchParams(query) })) as Message[]
    ).map((m) => m.content);
  expect(await list({ limit: '3' })).toEqual(['m8', 'm7', 'm6']);
  expect(await list({ limit: '3', after: ids[1] ?? '' })).toEqual(['m4', 'm3', 'm2']);
  expect(await list({ limit: '3', before: ids[4] ?? '' })).toEqual(['m3', 'm2', 'm1']);
  expect(await list({ limit: '4', around: ids[4] ?? '' })).toEqual(['m6', 'm5', 'm4', 'm3']);
  discord.assertNoViolations();
});

test('create, reply, edit and delete a message', async () => {
  const { ann, general, bot, rest } = world();
  const question = discord.postAs(ann, general, { content: 'how?' });
  const body = { content: `like this <@${ann.id}>`, message_reference: { message_id: question } };
  const reply = (await rest.post(Routes.channelMessages(general.id), { body })) as Message;
  expect(general.message(reply.id)).toMatchObject({
    type: 19,
    author: { id: bot.userId },
    mentions: [{ id: ann.id }],
    referenced_message: { id: question, content: 'how?' },
  });
  await rest.patch(Routes.channelMessage(general.id, reply.id), { body: { content: 'or this' } });
  expect(general.message(reply.id)).toMatchObject({
    content: 'or this',
    edited_timestamp: expect.any(String),
  });
  expect(
    await codeOf(rest.patch(Routes.channelMessage(general.id, question), { body: { content: 'x' } })),
  ).toBe(50005);
  await rest.delete(Routes.channelMessage(general.id, reply.id));
  expect(general.messages.map((message) => message.id)).toEqual([question]);
  discord.assertNoViolations();
});

test('a repeated nonce with enforce_nonce makes no second message', async () => {
  const { general, rest } = world();
  const body = { content: 'once', nonce: 'a'.repeat(24), enforce_nonce: true };
  const first = (await rest.post(Routes.channelMessages(general.id), { body })) as Message;
  const second = (await rest.post(Routes.channelMessages(general.id), { body })) as Message;
  expect(second.id).toBe(first.id);
  expect(general.messages).toHaveLength(1);
  discord.assertNoViolations();
});

test('content that Discord refuses, and that the check of requests sees too', async () => {
  const { general, rest } = world();
  const post = (body: object) => codeOf(rest.post(Routes.channelMessages(general.id), { body }));
  expect(await post({ content: ' ' })).toBe(50006);
  expect(await post({ content: 'x'.repeat(2001) })).toBe(50035);
  expect(await post({ content: 'x', message_reference: { message_id: '100000000000000000' } })).toBe(50035);
  discord.assertNoViolations();
  await post({ content: 'x', nonce: 'x'.repeat(26) });
  await post({ content: 'x', reply_to: 'y' });
  expect(discord.violations.map((violation) => violation.message)).toEqual([
    expect.stringContaining('/nonce'),
    expect.stringContaining('reply_to'),
  ]);
});

test('files go up as multipart and come back by signed links that expire', async () => {
  const clock = new ManualClock();
  const timed = await DiscordSimulator.start({ clock });
  const guild = timed.createGuild({ name: 'Guild' });
  const general = guild.createChannel({ name: 'general' });
  const bot = timed.createBotApplication();
  guild.addBot(bot);
  const rest = new REST({ api: timed.apiUrlUnversioned }).setToken(bot.token);
  const files = [{ name: 'my notes.txt', data: Buffer.from('notes'), contentType: 'text/plain' }];
  const body = { content: 'see', attachments: [{ id: 0, filename: 'my notes.txt', description: 'alt' }] };
  const sent = (await rest.post(Routes.channelMessages(general.id), { body, files })) as Message;
  const [attachment] = sent.attachments;
  expect(attachment).toMatchObject({
    filename: 'my_notes.txt',
    size: 5,
    description: 'alt',
    content_type: 'text/plain',
  });
  const url = attachment?.url ?? '';
  expect(await (await fetch(url)).text()).toBe('notes');
  expect((await fetch(url.replace('hm=', 'hm=0'))).status).toBe(404);
  timed.faults.failCalls('cdn', { kind: 'http_error', status: 403 });
  expect((await fetch(url)).status).toBe(403);
  clock.advance(25 * 3600 * 1000);
  expect((await fetch(url)).status).toBe(404);
  const refreshed = (await rest.post('/attachments/refresh-urls', { body: { attachment_urls: [url] } })) as {
    refreshed_urls: { original: string; refreshed: string }[];
  };
  expect(refreshed.refreshed_urls[0]?.original).toBe(url);
  expect((await fetch(refreshed.refreshed_urls[0]?.refreshed ?? '')).status).toBe(200);
  timed.assertNoViolations();
  await timed.stop();
});

test('reactions: Unicode and the guild’s own, listed, joined and removed', async () => {
  const { ann, guild, general, bot, rest } = world();
  const custom = guild.addEmoji('partycat');
  const id = discord.postAs(ann, general, { content: 'x' });
  const own = (emoji: string) => Routes.channelMessageOwnReaction(general.id, id, encodeURIComponent(emoji));
  await rest.put(own('👍'));
  await rest.put(own(`partycat:${custom.id}`));
  discord.reactAs(ann, general, id, '👍');
  expect(await codeOf(rest.put(own('nonsense')))).toBe(10014);
  const users = (await rest.get(Routes.channelMessageReaction(general.id, id, encodeURIComponent('👍')))) as {
    id: string;
  }[];
  expect(users.map((user) => user.id).sort()).toEqual([ann.id, bot.userId].sort());
  expect(await rest.get(Routes.channelMessage(general.id, id))).toMatchObject({
    reactions: [
      { emoji: { id: null, name: '👍' }, count: 2, me: true },
      { emoji: { id: custom.id, name: 'partycat' }, count: 1, me: true },
    ],
  });
  await rest.delete(own('👍'));
  expect(general.reactedWith(id, '👍')).toEqual([ann.id]);
  await rest.delete(Routes.channelMessageAllReactions(general.id, id));
  expect(general.message(id)?.reactions).toBeUndefined();
  discord.assertNoViolations();
});

test('threads: from a message they have its id; private and forum ones; listed while active', async () => {
  const { ann, guild, general, rest } = world();
  const root = discord.postAs(ann, general, { content: 'root' });
  const thread = (await rest.post(Routes.threads(general.id, root), { body: { name: 'talk' } })) as {
    id: string;
  };
  expect(thread.id).toBe(root);
  expect(await codeOf(rest.post(Routes.threads(general.id, root), { body: { name: 'again' } }))).toBe(160004);
  await rest.post(Routes.channelMessages(thread.id), { body: { content: 'inside' } });
  expect(discord.channel(thread.id).messages.map((m) => [m.type, m.content])).toEqual([
    [21, ''],
    [0, 'inside'],
  ]);
  expect(general.message(root)).toMatchObject({ thread: { id: root, message_count: 1 } });
  const forum = guild.createChannel({ name: 'help', type: 'forum' });
  const post = (await rest.post(Routes.threads(forum.id), {
    body: { name: 'a question', message: { content: 'first' } },
  })) as { id: string };
  expect(discord.channel(post.id).messages[0]).toMatchObject({ id: post.id, content: 'first' });
  await rest.post(Routes.threads(general.id), { body: { name: 'aside', type: 11 } });
  const active = (await rest.get(Routes.guildActiveThreads(guild.id))) as { threads: { name: string }[] };
  expect(active.threads.map((one) => one.name).sort()).toEqual(['a question', 'aside', 'talk']);
  await rest.patch(Routes.channel(thread.id), { body: { archived: true } });
  expect(discord.channel(thread.id).isArchived).toBe(true);
  const archived = await rest.get(Routes.channelThreads(general.id, 'public'));
  expect(archived).toMatchObject({ threads: [{ id: thread.id }], has_more: false });
  await rest.post(Routes.channelMessages(thread.id), { body: { content: 'wakes it' } });
  expect(discord.channel(thread.id).isArchived).toBe(false);
  await rest.put(Routes.threadMembers(thread.id, ann.id));
  expect(await rest.get(Routes.threadMembers(thread.id))).toHaveLength(2);
  discord.assertNoViolations();
});

test('bulk delete takes 2 to 100 messages, none older than two weeks', async () => {
  const { ann, general, rest } = world();
  const ids = ['a', 'b', 'c'].map((content) => discord.postAs(ann, general, { content }));
  await rest.post(Routes.channelBulkDelete(general.id), { body: { messages: ids.slice(0, 2) } });
  expect(general.messages.map((message) => message.content)).toEqual(['c']);
  const old = ['100000000000000000', '100000000000000001'];
  expect(await codeOf(rest.post(Routes.channelBulkDelete(general.id), { body: { messages: old } }))).toBe(
    50034,
  );
});

test('without the message content intent others’ messages are empty over REST too', async () => {
  const { ann, guild, general } = world();
  const blind = discord.createBotApplication({ name: 'Blind', privilegedIntents: [] });
  guild.addBot(blind);
  const id = discord.postAs(ann, general, {
    content: 'secret',
    attachments: [{ filename: 'a', bytes: Buffer.from('x') }],
  });
  const mention = discord.postAs(ann, general, { content: `hey <@${blind.userId}>` });
  const rest = restOf(blind);
  expect(await rest.get(Routes.channelMessage(general.id, id))).toMatchObject({
    content: '',
    attachments: [],
  });
  expect(await rest.get(Routes.channelMessage(general.id, mention))).toMatchObject({
    content: `hey <@${blind.userId}>`,
  });
  discord.assertNoViolations();
});

test('buckets: headers on every answer, and a 429 that discord.js waits out', async () => {
  const clock = new ManualClock();
  const strict = await DiscordSimulator.start({ rateLimits: 'realistic', clock });
  const guild = strict.createGuild({ name: 'Guild' });
  const general = guild.createChannel({ name: 'general' });
  const bot = strict.createBotApplication();
  guild.addBot(bot);
  const send = () =>
    fetch(`${strict.apiUrl}/channels/${general.id}/messages`, {
      method: 'POST',
      headers: {
        authorization: `Bot ${bot.token}`,
        'content-type': 'application/json',
        'user-agent': 'DiscordBot (https://roost.test, 1.0)',
      },
      body: JSON.stringify({ content: 'x' }),
    });
  for (let i = 4; i >= 0; i--) {
    expect((await send()).headers.get('x-ratelimit-remaining')).toBe(String(i));
  }
  const refused = await send();
  expect(refused.status).toBe(429);
  expect(refused.headers.get('x-ratelimit-scope')).toBe('user');
  expect(await refused.json()).toMatchObject({ retry_after: 5, global: false });
  clock.advance(5000);
  expect((await send()).status).toBe(200);
  strict.assertNoViolations();
  await strict.stop();
});

test('faults: the three scopes of 429, and work that was done although the answer failed', async () => {
  const { general, bot } = world();
  const send = (content: string) =>
    fetch(`${discord.apiUrl}/channels/${general.id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bot ${bot.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ content }),
    });
  for (const scope of ['user', 'global', 'shared'] as const) {
    discord.faults.failCalls('create_message', { kind: 'rate_limited', scope, retryAfterS: 0.5 });
    const refused = await send('refused');
    expect([
      refused.status,
      refused.headers.get('x-ratelimit-scope'),
      refused.headers.get('x-ratelimit-global'),
    ]).toEqual([429, scope, scope === 'global' ? 'true' : null]);
    expect(await refused.json()).toMatchObject({ retry_after: 0.5, global: scope === 'global' });
  }
  discord.faults.failCalls('create_message', { kind: 'http_error_after_commit', status: 502 });
  expect((await send('one')).status).toBe(502);
  discord.faults.failCalls('create_message', { kind: 'cut_after_commit' });
  await expect(send('two')).rejects.toThrow();
  discord.faults.failCalls('create_message', {
    kind: 'api_error',
    status: 403,
    code: 50013,
    message: 'Missing Permissions',
  });
  expect(await (await send('three')).json()).toMatchObject({ code: 50013 });
  expect(general.messages.map((message) => message.content)).toEqual(['one', 'two']);
});

test('direct messages of a person and the bot', async () => {
  const { ann, bot, rest } = world();
  const channel = (await rest.post(Routes.userChannels(), { body: { recipient_id: ann.id } })) as {
    id: string;
  };
  await rest.post(Routes.channelMessages(channel.id), { body: { content: 'hello' } });
  expect(discord.openDm(ann, bot).messages.map((message) => message.content)).toEqual(['hello']);
  discord.assertNoViolations();
});
