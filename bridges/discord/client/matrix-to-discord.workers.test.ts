import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { ClientEvent } from '../../../matrix/events.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { markOf } from '../../core/hash.ts';
import {
  botToken,
  type DiscordBridge,
  discordEnv,
  fetchWorker,
  matrixEvent,
  portalStub,
  roomReady,
  startDiscordBridge,
  transact,
  until,
} from '../testing/discord-bridge.ts';
import { applicationId, channelId, dora, guildId, refusal } from '../testing/fake-discord.ts';

let bridge: DiscordBridge;
let roomId = '';
let count = 0;

beforeAll(async () => {
  bridge = await startDiscordBridge();
  roomId = await roomReady();
});

afterEach(() => {
  bridge.discord.before = () => undefined;
  bridge.discord.after = () => undefined;
});

const text = (body: string): JsonObject => ({ msgtype: 'm.text', body });
const posted = (content: string) => bridge.discord.messages.filter((message) => message.content === content);
const isExecute = (operation: string) => /^POST \/webhooks\/\d+\/[^/]+$/.test(operation);
const executions = () => bridge.discord.calls.filter(({ operation }) => isExecute(operation));

async function say(content: JsonObject, more: Partial<ClientEvent> = {}): Promise<string> {
  const eventId = `$matrix${++count}`;
  const response = await transact(`txn${count}`, [matrixEvent(roomId, eventId, content, more)]);
  expect(response.status).toBe(200);
  return eventId;
}

const done = () => until(async () => expect((await portalStub().status()).queued).toBe(0));
const waiting = () => until(async () => expect((await portalStub().status()).queued).toBe(1));

async function later(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await runDurableObjectAlarm(portalStub());
}

/** However long the lane waits between its attempts. */
const settled = () =>
  until(async () => {
    await later(5_000);
    expect((await portalStub().status()).queued).toBe(0);
  });

test('B1: a message goes out once by the channel’s webhook, in its sender’s name, and pings nobody', async () => {
  const event = matrixEvent(roomId, '$once', text('hello @everyone <@1>'));
  for (const txnId of ['a', 'a', 'b']) expect((await transact(txnId, [event])).status).toBe(200);
  await done();
  expect(executions()).toHaveLength(1);
  expect(executions()[0]).toMatchObject({
    authorization: null,
    body: {
      content: 'hello @everyone \\<@1>',
      username: '@olive:roost.test',
      allowed_mentions: { parse: [], users: [], replied_user: false },
    },
  });
});

test('the webhook’s token is kept sealed and the object forgets nothing', async () => {
  const stored = await discordEnv.GATEWAYS.getByName(applicationId).webhookOf(channelId as never);
  expect(stored?.webhookId).toBe(bridge.discord.webhook?.id);
  expect(stored?.sealedToken).toMatch(/^v1\./);
  expect(stored?.sealedToken).not.toContain(bridge.discord.webhook?.token);
});

test('B1: whom the sender mentions, and nobody else, is pinged', async () => {
  // Dora is known once she has spoken.
  await bridge.gateway.dispatch('MESSAGE_CREATE', { ...bridge.discord.post('hi'), guild_id: guildId });
  const ghost = `@discord_${dora.id}:roost.test`;
  await until(() => expect(bridge.homeserver.registered.has(ghost)).toBe(true));
  await done();
  const pill = `<a href="https://matrix.to/#/${ghost}">Dora</a>`;
  const html = { format: 'org.matrix.custom.html', formatted_body: `${pill} &lt;@&amp;5&gt; @here` };
  await say({
    ...text('Dora: ping'),
    ...html,
    'm.mentions': { user_ids: [ghost, '@stranger:x.test'], room: true },
  });
  await done();
  expect(executions().at(-1)?.body).toMatchObject({
    content: `<@${dora.id}> \\<@&5> @here`,
    allowed_mentions: { parse: [], users: [dora.id] },
  });
});

test('names that Discord refuses are changed, and no name says more than a name', async () => {
  bridge.homeserver.displayNames.set('@olive:roost.test', 'x');
  bridge.homeserver.before = ({ method, path }) =>
    method === 'GET' && path.includes('/profile/')
      ? { status: 200, body: { displayname: `Discord Clyde\n\u202e${'y'.repeat(100)}` } }
      : undefined;
  await say(text('named'));
  await done();
  bridge.homeserver.before = () => undefined;
  const name = String(executions().at(-1)?.body.username);
  expect(name).toMatch(/^D·iscord C·lyde y+…$/);
  expect([...name]).toHaveLength(80);
});

test('a post whose answer never comes is found, not made again', async () => {
  bridge.discord.after = (operation) => (isExecute(operation) ? 'cut' : undefined);
  const eventId = await say(text('lost answer'));
  await until(() => expect(posted('lost answer')).toHaveLength(1));
  await waiting();
  bridge.discord.after = () => undefined;
  await settled();
  expect(posted('lost answer')).toHaveLength(1);
  await say({
    ...text('* x'),
    'm.new_content': text('edited'),
    'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
  });
  await until(() => expect(posted('edited')).toHaveLength(1));
});

test('the same text just before is not taken for the lost one', async () => {
  await say(text('ok'));
  await done();
  let cuts = 1;
  bridge.discord.before = (operation) => (isExecute(operation) && cuts-- > 0 ? 'cut' : undefined);
  await say(text('ok'));
  await until(() => expect(cuts).toBe(0));
  await waiting();
  expect(posted('ok')).toHaveLength(1);
  await settled();
  expect(posted('ok')).toHaveLength(2);
});

test('an object that ends between post and note finds its post', async () => {
  const isPosted = new Promise<void>((resolve) => {
    bridge.discord.after = (operation) => {
      if (!isExecute(operation)) return undefined;
      resolve();
      return new Promise<Response>(() => {});
    };
  });
  await say(text('crash'));
  await isPosted;
  bridge.discord.after = () => undefined;
  await runInDurableObject(portalStub(), (_, state) => state.abort('power cut')).catch(() => undefined);
  await settled();
  expect(posted('crash')).toHaveLength(1);
});

test('a limit is waited for, not tried against', async () => {
  let refusals = 1;
  bridge.discord.before = (operation) =>
    isExecute(operation) && refusals-- > 0
      ? Response.json({ retry_after: 7, global: false }, { status: 429 })
      : undefined;
  await say(text('limited'));
  await until(() => expect(refusals).toBe(0));
  await waiting();
  const before = executions().length;
  await later(3_000);
  expect(executions()).toHaveLength(before);
  await settled();
  expect(posted('limited')).toHaveLength(1);
});

test('a webhook that was deleted is made again, once', async () => {
  const { discord } = bridge;
  const old = discord.webhook?.id;
  delete discord.webhook;
  await say(text('by a new one'));
  await done();
  expect(posted('by a new one')[0]?.webhook_id).not.toBe(old);
  expect(discord.callsTo(/^POST .*\/webhooks$/)).toHaveLength(2);
});

test('a message that was deleted in Matrix is deleted on Discord, and twice is no error', async () => {
  const eventId = await say(text('to be deleted'));
  await done();
  for (let n = 0; n < 2; n++) {
    await say({}, { type: 'm.room.redaction', redacts: eventId } as Partial<ClientEvent>);
    await done();
  }
  expect(posted('to be deleted')).toHaveLength(0);
  expect((await portalStub().status()).dead).toEqual([]);
});

test('a reaction of two people is one of the bot, until the last takes it back', async () => {
  const target = bridge.discord.post('react');
  await bridge.gateway.dispatch('MESSAGE_CREATE', { ...target, guild_id: guildId });
  await until(() => expect(bridge.homeserver.timeline(roomId).join()).toContain(': react'));
  const event = bridge.homeserver.events.find(({ content }) => content.body === 'react');
  const react = (sender: string) =>
    say({ 'm.relates_to': { rel_type: 'm.annotation', event_id: event?.eventId ?? '', key: '👍' } }, {
      type: 'm.reaction',
      sender,
    } as Partial<ClientEvent>);
  const redact = (redacts: string, sender: string) =>
    say({}, { type: 'm.room.redaction', redacts, sender } as unknown as Partial<ClientEvent>);
  const olive = await react('@olive:roost.test');
  const paul = await react('@paul:roost.test');
  await redact(olive, '@olive:roost.test');
  await done();
  const removals = () => bridge.discord.callsTo(/^DELETE .*\/reactions\//);
  expect(removals()).toHaveLength(0);
  await redact(paul, '@paul:roost.test');
  await done();
  expect(removals()).toHaveLength(1);
  expect(removals()[0]?.operation).toContain('/reactions/%F0%9F%91%8D/@me');
});

test('a file that is too large is refused, and the sender told', async () => {
  await say({
    msgtype: 'm.file',
    body: 'big.bin',
    url: 'mxc://roost.test/big',
    info: { size: 11 * 1024 * 1024 },
  });
  await done();
  const status = bridge.homeserver.events.find(({ type }) => type === 'com.beeper.message_send_status');
  expect(status?.content.message).toContain('too large');
});

test('without the permission to manage webhooks the bot speaks, with a nonce, in the sender’s name', async () => {
  const store = discordEnv.GATEWAYS.getByName(applicationId);
  await store.dropWebhook(channelId as never, (bridge.discord.webhook?.id ?? '') as never);
  delete bridge.discord.webhook;
  await runInDurableObject(portalStub(), (_, state) => state.abort('forget')).catch(() => undefined);
  bridge.discord.before = (operation) => (operation.endsWith('/webhooks') ? refusal(403, 50013) : undefined);
  const eventId = await say(text('as the bot'));
  await done();
  const [call] = bridge.discord.callsTo(/^POST \/channels\/\d+\/messages$/);
  expect(call).toMatchObject({
    authorization: `Bot ${botToken}`,
    body: {
      content: '**@olive:roost.test:** as the bot',
      nonce: markOf(eventId, 0),
      enforce_nonce: true,
      allowed_mentions: { parse: [] },
    },
  });
  // The gateway tells it too, and that is no news.
  const [message] = posted('**@olive:roost.test:** as the bot');
  await bridge.gateway.dispatch('MESSAGE_CREATE', { ...message, guild_id: guildId });
  await done();
  expect(bridge.homeserver.timeline(roomId).join()).not.toContain('as the bot');
});

test('pictures of senders are served only with our signature', async () => {
  expect((await fetchWorker(`/_bridge/discord/avatars/roost.test/x/${'A'.repeat(43)}`)).status).toBe(404);
});
