/**
 * Webhooks as a relay uses them, driven by discord.js: another name and picture for each message, no pings unless
 * allowed, edits and deletes by token, and the refusals that a relay must live with.
 */
import { DiscordAPIError, REST, Routes, WebhookClient } from 'discord.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
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

test('webhooks: made by the bot, used by their token with other names, edited and deleted', async () => {
  const { ann, guild, general, bot, rest } = world();
  const made = (await rest.post(Routes.channelWebhooks(general.id), { body: { name: 'Roost' } })) as {
    id: string;
    token: string;
  };
  expect(await rest.get(Routes.channelWebhooks(general.id))).toMatchObject([
    { id: made.id, application_id: bot.applicationId },
  ]);
  expect(await rest.get(Routes.webhook(made.id))).toMatchObject({ name: 'Roost', user: { id: bot.userId } });
  const webhook = new WebhookClient(
    { id: made.id, token: made.token },
    { rest: { api: discord.apiUrlUnversioned, retries: 0 } },
  );
  const sent = await webhook.send({
    content: `hi <@${ann.id}> @everyone`,
    username: 'Zoe (Matrix)',
    avatarURL: 'https://example.org/zoe.png',
    allowedMentions: { parse: [] },
  });
  expect(general.message(sent.id)).toMatchObject({
    webhook_id: made.id,
    application_id: bot.applicationId,
    author: { id: made.id, username: 'Zoe (Matrix)', bot: true },
    mention_everyone: false,
  });
  await webhook.editMessage(sent.id, { content: 'hello' });
  expect(await webhook.fetchMessage(sent.id)).toMatchObject({ content: 'hello' });
  const file = await webhook.send({ files: [{ attachment: Buffer.from('x'), name: 'a.txt' }] });
  expect(general.message(file.id)?.attachments[0]).toMatchObject({ filename: 'a.txt' });
  await webhook.deleteMessage(sent.id);
  expect(general.message(sent.id)).toBeUndefined();
  const forum = guild.createChannel({ name: 'help', type: 'forum' });
  const forumHook = (await rest.post(Routes.channelWebhooks(forum.id), {
    body: { name: 'Roost' },
  })) as typeof made;
  const inForum = new WebhookClient(forumHook, { rest: { api: discord.apiUrlUnversioned, retries: 0 } });
  expect(await codeOf(inForum.send({ content: 'x' }))).toBe(220001);
  expect(await inForum.send({ content: 'x', threadName: 'new' })).toMatchObject({ content: 'x' });
  discord.assertNoViolations();
});

test('webhooks refuse Discord’s names, bad pictures, wrong tokens, and die with 10015', async () => {
  const { general, rest } = world();
  const made = (await rest.post(Routes.channelWebhooks(general.id), { body: { name: 'Roost' } })) as {
    id: string;
    token: string;
  };
  const send = (body: object, token = made.token) =>
    codeOf(
      rest.post(Routes.webhook(made.id, token), {
        body,
        auth: false,
        query: new URLSearchParams({ wait: 'true' }),
      }),
    );
  expect(await send({ content: 'x', username: 'Discord fan' })).toBe(50035);
  expect(await send({ content: 'x', avatar_url: 'mxc://example.org/x' })).toBe(50035);
  expect(await send({ content: 'x' }, 'wrong')).toBe(50027);
  for (let i = 1; i < 15; i++)
    await rest.post(Routes.channelWebhooks(general.id), { body: { name: `Roost ${i}` } });
  expect(await codeOf(rest.post(Routes.channelWebhooks(general.id), { body: { name: 'one more' } }))).toBe(
    30007,
  );
  discord.assertNoViolations();
  general.deleteWebhook(made.id);
  expect(await send({ content: 'x' })).toBe(10015);
  expect(await send({ content: 'x', username: 'x'.repeat(81) })).toBe(10015);
  expect(discord.violations).toMatchObject([
    { operation: 'execute_webhook', message: expect.stringContaining('username') },
  ]);
});
