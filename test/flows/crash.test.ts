import { afterAll, beforeAll, expect, test } from 'vitest';
import { api, type Credentials, newTxnId, register } from '../harness/matrix-client.ts';
import {
  type DiscordWorld,
  linkDiscord,
  linkSlack,
  type SlackWorld,
  startDiscordWorld,
  startSlackWorld,
} from '../harness/networks.ts';
import { Roost } from '../harness/roost.ts';
import { waitFor } from '../harness/wait-for.ts';

/** `kill -9` of launcher and runtime while messages are on their way: none is lost, none comes twice. */
let slack: SlackWorld;
let discord: DiscordWorld;
let roost: Roost;
let olive: Credentials;
const rooms: Record<string, string> = {};

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix} ${n}`);

beforeAll(async () => {
  slack = await startSlackWorld();
  discord = await startDiscordWorld();
  roost = await Roost.start({
    bridges: true,
    slackApiUrl: slack.simulator.apiUrl,
    discordApiUrl: discord.simulator.apiUrl,
    discordCdnUrl: discord.simulator.cdnUrl,
  });
  olive = await register(roost.url, 'olive');
  await linkSlack(roost, slack, olive.userId);
  await linkDiscord(roost, discord, olive.userId);
  for (const name of ['general', 'lobby']) rooms[name] = await waitFor(name, () => joinedRoomByState(name));
}, 120_000);

afterAll(async () => {
  await roost?.stopAndRemove();
  await slack?.simulator.stop();
  await discord?.simulator.stop();
});

test('what Slack was told is received survives, once, in order', async () => {
  const texts = numbered('from slack', 40);
  // The first message of somebody new needs a look-up, which hangs: nothing behind it can be delivered.
  const zoe = slack.team.createUser({ name: 'zoe', realName: 'Zoe Zephyr' });
  slack.team.addMember(slack.general, zoe);
  slack.simulator.faults.failCalls('users.info', { kind: 'hang' });
  for (const text of texts) zoe.post(slack.general, text);
  await slack.simulator.flushDeliveries();
  await roost.kill();
  const acknowledged = slack.simulator.deliveryLog.filter(({ outcome }) => outcome.kind === 'acknowledged');
  expect(acknowledged.length).toBeGreaterThanOrEqual(texts.length);

  await roost.start();
  expect((await bodies('general')).filter((body) => texts.includes(body)).length).toBeLessThan(texts.length);
  expect(await settled('general', texts)).toEqual(texts);
});

test('what the homeserver accepted for Slack is posted once, in order', async () => {
  const texts = numbered('to slack', 15);
  const posted = () => slack.general.messages.map(({ text }) => text).filter((text) => texts.includes(text));
  // The first is posted, but no answer comes: whether it was is known to Slack alone.
  slack.simulator.faults.failCalls('chat.postMessage', { kind: 'hang_after_commit' });
  for (const text of texts) await send('general', text);
  await waitFor('the first post', () => posted().length > 0);
  await roost.kill();
  expect(posted()).toEqual(texts.slice(0, 1));

  await roost.start();
  await waitFor('every post', () => new Set(posted()).size === texts.length, undefined, 100_000);
  expect(posted()).toEqual(texts);
  expect((await bodies('general')).filter((body) => texts.includes(body))).toEqual(texts);
});

test('Discord messages around a crash all arrive, once, in order', async () => {
  const texts = numbered('from discord', 30);
  for (const text of texts.slice(0, 20))
    discord.simulator.postAs(discord.dora, discord.lobby, { content: text });
  await roost.kill();
  for (const text of texts.slice(20))
    discord.simulator.postAs(discord.dora, discord.lobby, { content: text });

  await roost.start();
  expect(await settled('lobby', texts)).toEqual(texts);
});

test('what the homeserver accepted for Discord is posted once, in order', async () => {
  const texts = numbered('to discord', 15);
  const posted = () =>
    discord.lobby.messages.map(({ content }) => content).filter((text) => texts.includes(text));
  discord.simulator.faults.failCalls('execute_webhook', { kind: 'hang_after_commit' });
  for (const text of texts) await send('lobby', text);
  await waitFor('the first post', () => posted().length > 0);
  await roost.kill();
  expect(posted()).toEqual(texts.slice(0, 1));

  await roost.start();
  await waitFor('every post', () => new Set(posted()).size === texts.length, undefined, 100_000);
  expect(posted()).toEqual(texts);
});

/** Waits until all texts are in the room, then gives those that are there: a double would show. */
async function settled(room: string, texts: string[]): Promise<string[]> {
  const found = async () => (await bodies(room)).filter((body) => texts.includes(body));
  await waitFor(
    `${texts.length} messages in ${room}`,
    async () => new Set(await found()).size === texts.length,
    undefined,
    100_000,
  );
  return found();
}

async function send(room: string, body: string): Promise<void> {
  const path = `v3/rooms/${encodeURIComponent(rooms[room] ?? '')}/send/m.room.message/${newTxnId()}`;
  await api(roost.url, olive.accessToken, 'PUT', path, { msgtype: 'm.text', body });
}

/** Bodies of a room's messages, oldest first. */
async function bodies(room: string): Promise<string[]> {
  const path = `v3/rooms/${encodeURIComponent(rooms[room] ?? '')}/messages?dir=b&limit=500`;
  const { chunk } = await api<{ chunk: { content: { body?: string } }[] }>(
    roost.url,
    olive.accessToken,
    'GET',
    path,
  );
  return chunk.flatMap(({ content }) => content.body ?? []).reverse();
}

async function joinedRoomByState(name: string): Promise<string | undefined> {
  const { joined_rooms: joined } = await api<{ joined_rooms: string[] }>(
    roost.url,
    olive.accessToken,
    'GET',
    'v3/joined_rooms',
  );
  for (const roomId of joined) {
    const path = `v3/rooms/${encodeURIComponent(roomId)}/state/m.room.name`;
    const found = await api<{ name: string }>(roost.url, olive.accessToken, 'GET', path).catch(
      () => undefined,
    );
    if (found?.name === name) return roomId;
  }
  return undefined;
}
