/**
 * The gateway v10, driven by discord.js and by a bare socket. What it stands for: login and events as a bot sees them,
 * RESUME after lost sockets with nothing missed, the close codes, and Discord's right to lose, double or disorder.
 */
import { Client, Events, GatewayIntentBits, type Message, Options } from 'discord.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../loopback/clock.ts';
import { BareSocket, type Frame } from './bare-socket.ts';
import type { DiscordBot } from './discord-bot.ts';
import { DiscordSimulator } from './discord-simulator.ts';

let discord: DiscordSimulator;
const clients: Client[] = [];
const sockets: BareSocket[] = [];

beforeEach(async () => {
  discord = await DiscordSimulator.start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.destroy();
  for (const socket of sockets.splice(0)) socket.drop();
  await discord.stop();
  discord.assertNoViolations();
});

function world() {
  const ann = discord.createUser({ username: 'ann', globalName: 'Ann' });
  const guild = discord.createGuild({ name: 'Guild', members: [ann] });
  const general = guild.createChannel({ name: 'general' });
  const bot = discord.createBotApplication();
  guild.addBot(bot);
  return { ann, guild, general, bot };
}

const intents = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.GuildMessageReactions,
  GatewayIntentBits.GuildMessageTyping,
  GatewayIntentBits.MessageContent,
];

async function login(bot: DiscordBot): Promise<Client<true>> {
  const client = new Client({
    intents,
    makeCache: Options.cacheEverything(),
    rest: { api: discord.apiUrlUnversioned, cdn: discord.cdnUrl },
  });
  clients.push(client);
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(bot.token);
  return ready;
}

async function greeted(url: string): Promise<BareSocket> {
  const socket = await BareSocket.greeted(url);
  sockets.push(socket);
  return socket;
}

const properties = { os: 'linux', browser: 'roost', device: 'roost' };
const allIntents = intents.reduce((bits: number, bit) => bits | bit, 0);

async function identified(bot: DiscordBot): Promise<{ socket: BareSocket; ready: Frame }> {
  const socket = await greeted(discord.gatewayUrl);
  socket.send(2, { token: bot.token, intents: allIntents, properties });
  return { socket, ready: await socket.until((frame) => frame.t === 'READY') };
}

function contents(socket: BareSocket): unknown[] {
  return socket.frames.filter((frame) => frame.t === 'MESSAGE_CREATE').map((frame) => frame.d.content);
}

test('discord.js logs in, knows the guild, and sees messages, edits, deletes, reactions, typing and threads', async () => {
  const { ann, guild, general, bot } = world();
  const client = await login(bot);
  expect(client.user.id).toBe(bot.userId);
  expect(client.guilds.cache.get(guild.id)?.channels.cache.get(general.id)?.name).toBe('general');
  const seen: string[] = [];
  client.on(Events.MessageCreate, (m) => seen.push(`create ${m.author.globalName} ${m.content}`));
  client.on(Events.MessageUpdate, (_, m) => seen.push(`update ${m.content}`));
  client.on(Events.MessageDelete, (m) => seen.push(`delete ${m.id}`));
  client.on(Events.MessageReactionAdd, (r, u) => seen.push(`react ${r.emoji.name} ${u.id}`));
  client.on(Events.MessageReactionRemove, (r) => seen.push(`unreact ${r.emoji.name}`));
  client.on(Events.TypingStart, (t) => seen.push(`typing ${t.user.id}`));
  client.on(Events.ThreadCreate, (t) => seen.push(`thread ${t.name}`));
  client.on(Events.ChannelUpdate, (_, c) => seen.push(`channel ${(c as { name: string }).name}`));
  client.on(Events.MessageBulkDelete, (m) => seen.push(`bulk ${m.size}`));
  discord.typingAs(ann, general);
  const id = discord.postAs(ann, general, { content: 'hello' });
  discord.editAs(ann, general, id, 'hello again');
  discord.reactAs(ann, general, id, '🎉');
  discord.unreactAs(ann, general, id, '🎉');
  discord.startThreadAs(ann, general, { name: 'more', messageId: id });
  discord.deleteAs(ann, general, id);
  general.change({ name: 'lobby' });
  const two = ['a', 'b'].map((content) => discord.postAs(ann, general, { content }));
  discord.bulkDelete(general, two);
  await expect.poll(() => seen.at(-1)).toBe('bulk 2');
  expect(seen).toEqual([
    `typing ${ann.id}`,
    'create Ann hello',
    'update hello again',
    `react 🎉 ${ann.id}`,
    'unreact 🎉',
    'thread more',
    // The root message now carries its thread, and the thread shows the root.
    'update hello again',
    'create Ann ',
    `delete ${id}`,
    'channel lobby',
    'create Ann a',
    'create Ann b',
    'bulk 2',
  ]);
});

test('discord.js replies, reacts, and opens a thread', async () => {
  const { ann, general, bot } = world();
  const client = await login(bot);
  const received = new Promise<Message>((resolve) => client.once(Events.MessageCreate, resolve));
  const id = discord.postAs(ann, general, { content: 'question' });
  const message = await received;
  const reply = await message.reply('answer');
  await message.react('👍');
  const thread = await message.startThread({ name: 'details' });
  await thread.send('in there');
  expect(general.message(reply.id)).toMatchObject({ type: 19, message_reference: { message_id: id } });
  expect(general.reactedWith(id, '👍')).toEqual([bot.userId]);
  expect(discord.channel(thread.id).messages.at(-1)?.content).toBe('in there');
});

test('discord.js resumes after its socket was cut, and misses nothing', async () => {
  const { ann, general, bot } = world();
  const client = await login(bot);
  const seen: string[] = [];
  client.on(Events.MessageCreate, (message) => seen.push(message.content));
  const resumed = new Promise<number>((resolve) =>
    client.once(Events.ShardResume, (_, replayed) => resolve(replayed)),
  );
  discord.postAs(ann, general, { content: 'before' });
  await expect.poll(() => seen).toEqual(['before']);
  discord.gateway.dropSockets();
  await expect.poll(() => discord.gateway.connectionCount).toBe(0);
  discord.postAs(ann, general, { content: 'meanwhile' });
  // The replay, and RESUMED itself.
  expect(await resumed).toBeGreaterThanOrEqual(1);
  await expect.poll(() => seen).toEqual(['before', 'meanwhile']);
  expect([discord.gateway.identifies(bot.applicationId), discord.gateway.resumes(bot.applicationId)]).toEqual(
    [1, 1],
  );
});

test('op 7 makes discord.js reconnect and resume', async () => {
  const { bot } = world();
  const client = await login(bot);
  const resumed = new Promise((resolve) => client.once(Events.ShardResume, resolve));
  discord.gateway.requestReconnect();
  await resumed;
  expect(discord.gateway.identifies(bot.applicationId)).toBe(1);
});

test('op 9 false makes discord.js identify anew', async () => {
  const { bot } = world();
  const client = await login(bot);
  const ready = new Promise((resolve) => client.once(Events.ShardReady, resolve));
  discord.gateway.invalidateSessions(false);
  await ready;
  expect(discord.gateway.identifies(bot.applicationId)).toBe(2);
  expect(bot.identifiesLeft).toBe(998);
}, 15_000);

test('READY lists guilds as unavailable, and a GUILD_CREATE follows for each', async () => {
  const { guild, general, bot } = world();
  const { socket, ready } = await identified(bot);
  expect(ready).toMatchObject({
    s: 1,
    d: {
      v: 10,
      guilds: [{ id: guild.id, unavailable: true }],
      session_id: expect.any(String),
      resume_gateway_url: expect.stringMatching(/^ws:/),
    },
  });
  const created = await socket.until((frame) => frame.t === 'GUILD_CREATE');
  expect(created).toMatchObject({ s: 2, d: { id: guild.id, channels: [{ id: general.id }], threads: [] } });
});

test('RESUME replays exactly what came after the sequence number, then says RESUMED', async () => {
  const { ann, general, bot } = world();
  const { socket, ready } = await identified(bot);
  discord.postAs(ann, general, { content: 'one' });
  const seen = await socket.until((frame) => frame.t === 'MESSAGE_CREATE');
  socket.drop();
  await socket.closed;
  for (const content of ['two', 'three']) discord.postAs(ann, general, { content });
  const again = await greeted(String(ready.d.resume_gateway_url));
  again.send(6, { token: bot.token, session_id: ready.d.session_id, seq: seen.s });
  const resumed = await again.until((frame) => frame.t === 'RESUMED');
  expect(contents(again)).toEqual(['two', 'three']);
  expect(resumed.s).toBe((seen.s ?? 0) + 3);
});

test('a session ended by closing with 1000, or refused, cannot be resumed: op 9 false', async () => {
  const { bot } = world();
  const first = await identified(bot);
  first.socket.close(1000);
  await first.socket.closed;
  const resume = async (ready: Frame) => {
    const socket = await greeted(discord.gatewayUrl);
    socket.send(6, { token: bot.token, session_id: ready.d.session_id, seq: ready.s });
    return (await socket.until((frame) => frame.op === 9 || frame.t === 'RESUMED')).d;
  };
  expect(await resume(first.ready)).toBe(false);
  const second = await identified(bot);
  second.socket.close(4000);
  await second.socket.closed;
  discord.faults.refuseResumes();
  expect(await resume(second.ready)).toBe(false);
});

test('op 9 true leaves the session to be resumed', async () => {
  const { ann, general, bot } = world();
  const { socket, ready } = await identified(bot);
  discord.gateway.invalidateSessions(true);
  expect((await socket.until((frame) => frame.op === 9)).d).toBe(true);
  socket.close(4000);
  await socket.closed;
  discord.postAs(ann, general, { content: 'meanwhile' });
  const again = await greeted(discord.gatewayUrl);
  again.send(6, { token: bot.token, session_id: ready.d.session_id, seq: 2 });
  await again.until((frame) => frame.t === 'RESUMED');
  expect(contents(again)).toEqual(['meanwhile']);
});

test('a session lives some minutes without a socket, no longer', async () => {
  const clock = new ManualClock();
  const timed = await DiscordSimulator.start({ clock });
  const bot = timed.createBotApplication();
  const socket = await greeted(timed.gatewayUrl);
  socket.send(2, { token: bot.token, intents: 1, properties });
  const ready = await socket.until((frame) => frame.t === 'READY');
  socket.drop();
  await expect.poll(() => timed.gateway.connectionCount).toBe(0);
  clock.advance(10 * 60_000);
  const again = await greeted(timed.gatewayUrl);
  again.send(6, { token: bot.token, session_id: ready.d.session_id, seq: 1 });
  expect((await again.until((frame) => frame.op === 9)).d).toBe(false);
  await timed.stop();
});

test('heartbeats are acknowledged, unless the connection plays dead', async () => {
  const { bot } = world();
  const { socket } = await identified(bot);
  const acks = () => socket.frames.filter((frame) => frame.op === 11).length;
  socket.send(1, 2);
  await expect.poll(acks).toBe(1);
  discord.faults.swallowHeartbeatAcks(1);
  socket.send(1, 2);
  socket.send(1, 2);
  await expect.poll(acks).toBe(2);
  discord.gateway.requestHeartbeat();
  await socket.until((frame) => frame.op === 1);
});

test('a client that never beats is cut off with 4009', async () => {
  const clock = new ManualClock();
  const timed = await DiscordSimulator.start({ clock, heartbeatIntervalMs: 1000 });
  const socket = await greeted(timed.gatewayUrl);
  clock.advance(2000);
  expect(await socket.closed).toBe(4009);
  await timed.stop();
});

test('the close codes of what a client does wrong', async () => {
  const { bot } = world();
  const closeAfter = async (act: (socket: BareSocket) => void) => {
    const socket = await greeted(discord.gatewayUrl);
    act(socket);
    return socket.closed;
  };
  const identify = (change: object) => (socket: BareSocket) =>
    socket.send(2, { token: bot.token, intents: 1, properties, ...change });
  expect(await closeAfter(identify({ token: 'wrong' }))).toBe(4004);
  expect(await closeAfter(identify({ intents: 1 << 30 }))).toBe(4013);
  expect(await closeAfter(identify({ shard: [1, 2] }))).toBe(4010);
  bot.setPrivilegedIntents([]);
  expect(await closeAfter(identify({ intents: GatewayIntentBits.MessageContent }))).toBe(4014);
  expect(await closeAfter((socket) => socket.send(99, null))).toBe(4001);
  expect(await closeAfter((socket) => socket.sendRaw('{'))).toBe(4002);
  expect(await closeAfter((socket) => socket.sendRaw(JSON.stringify({ op: 1, d: 'x'.repeat(4096) })))).toBe(
    4002,
  );
  expect(await closeAfter((socket) => socket.send(3, {}))).toBe(4003);
  const twice = (socket: BareSocket) => {
    identify({})(socket);
    identify({})(socket);
  };
  expect(await closeAfter(twice)).toBe(4005);
  const flood = (socket: BareSocket) => {
    for (let i = 0; i < 121; i++) socket.send(1, null);
  };
  expect(await closeAfter(flood)).toBe(4008);
});

test('a session cannot be resumed by another bot', async () => {
  const { bot } = world();
  const { ready } = await identified(discord.createBotApplication());
  const socket = await greeted(discord.gatewayUrl);
  socket.send(6, { token: bot.token, session_id: ready.d.session_id, seq: 1 });
  expect((await socket.until((frame) => frame.op === 9)).d).toBe(false);
});

test('a sequence number from the future is closed with 4007', async () => {
  const { bot } = world();
  const { socket, ready } = await identified(bot);
  socket.drop();
  const again = await greeted(discord.gatewayUrl);
  again.send(6, { token: bot.token, session_id: ready.d.session_id, seq: 999 });
  expect(await again.closed).toBe(4007);
});

test('the thousandth IDENTIFY of a day is the last', async () => {
  const { bot } = world();
  bot.setIdentifiesLeft(1);
  await identified(bot);
  const socket = await greeted(discord.gatewayUrl);
  socket.send(2, { token: bot.token, intents: 1, properties });
  expect(await socket.closed).toBe(4004);
});

test('without MESSAGE_CONTENT, others’ messages arrive empty, mentions and own ones do not', async () => {
  const { ann, general, bot } = world();
  const socket = await greeted(discord.gatewayUrl);
  socket.send(2, { token: bot.token, intents: GatewayIntentBits.GuildMessages, properties });
  await socket.until((frame) => frame.t === 'READY');
  for (const content of ['secret', `to <@${bot.userId}>`]) discord.postAs(ann, general, { content });
  await expect.poll(() => contents(socket)).toEqual(['', `to <@${bot.userId}>`]);
});

test('intents and channel permissions decide what is dispatched', async () => {
  const { ann, guild, general, bot } = world();
  const hidden = guild.createChannel({ name: 'hidden' });
  hidden.deny(bot, ['viewChannel']);
  const socket = await greeted(discord.gatewayUrl);
  socket.send(2, { token: bot.token, intents: GatewayIntentBits.GuildMessages, properties });
  await socket.until((frame) => frame.t === 'READY');
  discord.postAs(ann, hidden, { content: 'unseen' });
  const id = discord.postAs(ann, general, { content: 'seen' });
  discord.reactAs(ann, general, id, '🎉');
  discord.postAs(ann, general, { content: 'last' });
  await expect.poll(() => contents(socket)).toHaveLength(2);
  expect(socket.frames.some((frame) => frame.t === 'MESSAGE_REACTION_ADD')).toBe(false);
});

test('dispatches can be doubled, lost, late or disordered', async () => {
  const { ann, general, bot } = world();
  const { socket } = await identified(bot);
  const post = (content: string) => discord.postAs(ann, general, { content });
  discord.faults.disturbDispatches('MESSAGE_CREATE', { kind: 'duplicate' });
  post('twice');
  discord.faults.disturbDispatches('MESSAGE_CREATE', { kind: 'drop' });
  post('lost');
  discord.faults.reorderNextDispatches(2);
  post('second');
  post('first');
  await expect.poll(() => contents(socket)).toEqual(['twice', 'twice', 'first', 'second']);
  expect(socket.frames.flatMap((frame) => frame.s ?? [])).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a bot that joins a guild hears GUILD_CREATE, one that is removed GUILD_DELETE', async () => {
  const { bot, guild } = world();
  const { socket } = await identified(bot);
  const other = discord.createGuild({ name: 'Other' });
  other.addBot(bot);
  await socket.until((frame) => frame.t === 'GUILD_CREATE' && frame.d.id === other.id);
  guild.removeBot(bot);
  await socket.until((frame) => frame.t === 'GUILD_DELETE' && frame.d.id === guild.id);
});

test('direct messages come without a guild, and only to whom they are for', async () => {
  const { ann, bot } = world();
  const other = discord.createBotApplication({ name: 'Other' });
  const login = async (who: DiscordBot) => {
    const socket = await greeted(discord.gatewayUrl);
    socket.send(2, { token: who.token, intents: GatewayIntentBits.DirectMessages, properties });
    await socket.until((frame) => frame.t === 'READY');
    return socket;
  };
  const [socket, foreign] = [await login(bot), await login(other)];
  discord.postAs(ann, discord.openDm(ann, bot), { content: 'psst' });
  discord.postAs(ann, discord.openDm(ann, other), { content: 'not for you' });
  const frame = await socket.until((one) => one.t === 'MESSAGE_CREATE');
  expect(frame.d).toMatchObject({ content: 'psst', author: { id: ann.id } });
  expect(frame.d).not.toHaveProperty('guild_id');
  await expect.poll(() => contents(foreign)).toEqual(['not for you']);
  expect(contents(socket)).toEqual(['psst']);
});
