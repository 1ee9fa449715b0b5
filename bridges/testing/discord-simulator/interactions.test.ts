/**
 * Interactions over HTTP: signed with Ed25519 over timestamp and raw body, now and then badly on purpose, answered
 * within three seconds or by the callback, followed up for fifteen minutes.
 */
import { createPublicKey, verify } from 'node:crypto';
import { REST, Routes } from 'discord.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventReceiver } from '../loopback/event-receiver.ts';
import { emptyReply, jsonReply, type LoopbackRequest } from '../loopback/loopback-server.ts';
import { BareSocket } from './bare-socket.ts';
import { DiscordSimulator } from './discord-simulator.ts';

let discord: DiscordSimulator;
let receiver: EventReceiver;
let answer: (body: Record<string, unknown>) => Record<string, unknown>;

beforeEach(async () => {
  discord = await DiscordSimulator.start();
  answer = (body) => (body.type === 1 ? { type: 1 } : { type: 5 });
});

afterEach(async () => {
  await receiver.stop();
  await discord.stop();
});

/** As the documentation says to verify, with a key made from the portal's hexadecimal. */
function isSigned(publicKeyHex: string, request: LoopbackRequest): boolean {
  const der = Buffer.concat([
    Buffer.from('302a300506032b6570032100', 'hex'),
    Buffer.from(publicKeyHex, 'hex'),
  ]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const signature = Buffer.from(request.headers['x-signature-ed25519'] ?? '', 'hex');
  const timestamp = request.headers['x-signature-timestamp'] ?? '';
  return verify(null, Buffer.concat([Buffer.from(timestamp), request.body]), key, signature);
}

async function world() {
  const ann = discord.createUser({ username: 'ann' });
  const guild = discord.createGuild({ name: 'Guild', members: [ann] });
  const channel = guild.createChannel({ name: 'general' });
  const bot = discord.createBotApplication();
  guild.addBot(bot);
  receiver = await EventReceiver.start((request) =>
    isSigned(bot.publicKey, request)
      ? jsonReply(200, answer(JSON.parse(request.body.toString()) as Record<string, unknown>))
      : emptyReply(401),
  );
  bot.setInteractionsUrl(receiver.url);
  const rest = new REST({ api: discord.apiUrlUnversioned, retries: 0 }).setToken(bot.token);
  return { ann, guild, channel, bot, rest };
}

test('a ping is answered by a pong, a bad signature by 401', async () => {
  const { ann, channel, bot } = await world();
  const ping = { bot, user: ann, channel, what: { kind: 'ping' } } as const;
  expect(await discord.interact(ping)).toMatchObject({ status: 200, response: { type: 1 } });
  expect(await discord.interact({ ...ping, badSignature: true })).toMatchObject({ status: 401 });
});

test('a command that was registered comes with guild, channel, member and permissions', async () => {
  const { ann, guild, channel, bot, rest } = await world();
  const body = [{ name: 'matrix', description: 'Matrix bridge', type: 1 }];
  await rest.put(Routes.applicationCommands(bot.applicationId), { body });
  const options = [{ name: 'status', type: 1 }];
  const result = await discord.interact({
    bot,
    user: ann,
    channel,
    what: { kind: 'slash', name: 'matrix', options },
  });
  expect(result).toMatchObject({ status: 200, response: { type: 5 } });
  expect(receiver.bodies[0]).toMatchObject({
    type: 2,
    application_id: bot.applicationId,
    guild_id: guild.id,
    channel_id: channel.id,
    member: { user: { id: ann.id }, permissions: expect.stringMatching(/^\d+$/) },
    data: { id: bot.commands[0]?.id, name: 'matrix', options },
  });
  discord.assertNoViolations();
});

test('an answer that is a message is posted, one for the asker alone is not', async () => {
  const { ann, channel, bot } = await world();
  const ask = () => discord.interact({ bot, user: ann, channel, what: { kind: 'slash', name: 'matrix' } });
  answer = () => ({ type: 4, data: { content: 'for all' } });
  await ask();
  answer = () => ({ type: 4, data: { content: 'for you', flags: 64 } });
  expect(await ask()).toMatchObject({ response: { data: { content: 'for you' } } });
  expect(channel.messages.map((message) => message.content)).toEqual(['for all']);
  discord.assertNoViolations();
  answer = () => ({ type: 4, data: { contents: 'misspelt', content: 'x' } });
  await ask();
  expect(discord.violations).toHaveLength(1);
});

test('a message command hands over the chosen message', async () => {
  const { ann, channel, bot } = await world();
  const messageId = discord.postAs(ann, channel, { content: 'this one' });
  await discord.interact({
    bot,
    user: ann,
    channel,
    what: { kind: 'message', name: 'Send to Matrix', messageId },
  });
  expect(receiver.bodies[0]).toMatchObject({
    data: { type: 3, target_id: messageId, resolved: { messages: { [messageId]: { content: 'this one' } } } },
  });
});

test('the callback answers once; the deferred answer is edited in, and follow-ups are posted', async () => {
  const { ann, channel, bot, rest } = await world();
  let token = '';
  answer = (body) => {
    token = String(body.token);
    return { type: 5 };
  };
  const { interactionId } = await discord.interact({
    bot,
    user: ann,
    channel,
    what: { kind: 'slash', name: 'matrix' },
  });
  const original = Routes.webhookMessage(bot.applicationId, token, '@original');
  await rest.patch(original, { body: { content: 'linked' }, auth: false });
  await rest.post(Routes.webhook(bot.applicationId, token), { body: { content: 'and more' }, auth: false });
  expect(channel.messages.map((message) => message.content)).toEqual(['linked', 'and more']);
  const callback = rest.post(Routes.interactionCallback(interactionId, token), {
    body: { type: 5 },
    auth: false,
  });
  await expect(callback).rejects.toMatchObject({ code: 40060 });
  discord.assertNoViolations();
});

test('without a URL interactions come by the gateway, to be answered by the callback', async () => {
  const { ann, channel, bot, rest } = await world();
  bot.setInteractionsUrl(null);
  const socket = await BareSocket.greeted(discord.gatewayUrl);
  socket.send(2, {
    token: bot.token,
    intents: 0,
    properties: { os: 'linux', browser: 'roost', device: 'roost' },
  });
  await socket.until((frame) => frame.t === 'READY');
  const what = { kind: 'slash', name: 'matrix' } as const;
  const { interactionId, status } = await discord.interact({ bot, user: ann, channel, what });
  const created = await socket.until((frame) => frame.t === 'INTERACTION_CREATE');
  expect([status, created.d.id]).toEqual([undefined, interactionId]);
  const callback = Routes.interactionCallback(interactionId, String(created.d.token));
  const body = { type: 4, data: { content: 'done' } };
  expect(await rest.post(callback, { body, auth: false })).toBeDefined();
  expect(channel.messages.map((message) => message.content)).toEqual(['done']);
  socket.drop();
  discord.assertNoViolations();
});
