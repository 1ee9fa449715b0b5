import { KnownMembership, type MatrixClient } from 'matrix-js-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasTexts } from '../harness/inbox.ts';
import { register, startClient, timelineTexts, waitForEvent } from '../harness/matrix-client.ts';
import {
  type DiscordWorld,
  joinedRoom,
  linkDiscord,
  linkSlack,
  type SlackWorld,
  startDiscordWorld,
  startSlackWorld,
} from '../harness/networks.ts';
import { Roost } from '../harness/roost.ts';
import { discordClient, slackClient } from '../harness/vendor-clients.ts';
import { waitFor } from '../harness/wait-for.ts';

/** One client, by sliding sync, over both networks; people there use the vendors' own SDKs. */
let slack: SlackWorld;
let discord: DiscordWorld;
let roost: Roost;
let inbox: MatrixClient;
let general: string;
let lobby: string;

beforeAll(async () => {
  slack = await startSlackWorld();
  discord = await startDiscordWorld();
  roost = await Roost.start({
    bridges: true,
    slackApiUrl: slack.simulator.apiUrl,
    discordApiUrl: discord.simulator.apiUrl,
    discordCdnUrl: discord.simulator.cdnUrl,
  });
  const olive = await register(roost.url, 'olive');
  inbox = await startClient(roost.url, olive, { sliding: true });
  await linkSlack(roost, slack, olive.userId);
  await linkDiscord(roost, discord, olive.userId);
  general = await joinedRoom(inbox, 'general');
  lobby = await joinedRoom(inbox, 'lobby');
}, 120_000);

afterAll(async () => {
  inbox?.stopClient();
  await roost?.stopAndRemove();
  await slack?.simulator.stop();
  await discord?.simulator.stop();
});

const arrives = (roomId: string, texts: string[]) =>
  waitFor(`“${texts.at(-1)}” after ${JSON.stringify(texts)}`, () => hasTexts(inbox, roomId, texts));

test('each network is a space that holds its rooms', async () => {
  for (const [spaceName, roomId] of [
    ['Acme', general],
    ['Garden', lobby],
  ] as const) {
    await joinedRoom(inbox, spaceName);
    await waitFor(`${spaceName} to hold its room`, () => {
      const space = inbox.getRooms().find((room) => room.name === spaceName);
      return space?.isSpaceRoom() && space.currentState.getStateEvents('m.space.child', roomId);
    });
  }
});

test('messages of both networks arrive in order, and the last room to speak is on top', async () => {
  const web = slackClient(slack);
  const crier = discordClient(discord);
  for (const text of ['one', 'two', 'three']) {
    await web.chat.postMessage({ channel: slack.general.id, text: `slack ${text}` });
    await crier.post(discord.lobby.id, { content: `discord ${text}` });
  }
  await arrives(general, ['slack one', 'slack two', 'slack three']);
  await arrives(lobby, ['discord one', 'discord two', 'discord three']);
  await web.chat.postMessage({ channel: slack.general.id, text: 'last word' });
  await arrives(general, ['last word']);
  const activity = (roomId: string) => inbox.getRoom(roomId)?.getBumpStamp() ?? 0;
  expect(activity(general)).toBeGreaterThan(activity(lobby));
});

test('answers go back to both networks', async () => {
  await inbox.sendTextMessage(general, 'to slack');
  await inbox.sendTextMessage(lobby, 'to discord');
  const onSlack = await waitFor('the post', () =>
    slack.general.messages.find(({ text }) => text === 'to slack'),
  );
  expect(onSlack.user).toBe(slack.owner.id);
  await waitFor('the post', () => discord.lobby.messages.find(({ content }) => content === 'to discord'));
  expect(timelineTexts(inbox, general).filter((text) => text === 'to slack')).toHaveLength(1);
  expect(timelineTexts(inbox, lobby).filter((text) => text === 'to discord')).toHaveLength(1);
});

test('what is edited, liked and deleted on the networks changes in the inbox', async () => {
  const web = slackClient(slack);
  const crier = discordClient(discord, 'Editor');
  const posted = await web.chat.postMessage({ channel: slack.general.id, text: 'draft on slack' });
  const { id } = await crier.post(discord.lobby.id, { content: 'draft on discord' });
  await arrives(general, ['draft on slack']);
  await arrives(lobby, ['draft on discord']);

  const ts = posted.ts ?? '';
  await web.chat.update({ channel: slack.general.id, ts, text: 'final on slack' });
  await crier.edit(discord.lobby.id, id, 'final on discord');
  await arrives(general, ['final on slack']);
  await arrives(lobby, ['final on discord']);

  await web.reactions.add({ channel: slack.general.id, timestamp: ts, name: 'rocket' });
  await crier.react(discord.lobby.id, id, '👋');
  const reacted = (roomId: string, key: string) =>
    waitForEvent(inbox, roomId, (event) => event.getRelation()?.key === key && !event.isRedacted());
  await reacted(general, '🚀');
  await reacted(lobby, '👋');

  await web.chat.delete({ channel: slack.general.id, ts });
  await crier.remove(discord.lobby.id, id);
  await waitFor('both deletions', () =>
    [general, lobby].every(
      (roomId) => !timelineTexts(inbox, roomId).some((text) => text.startsWith('final on')),
    ),
  );
});

test('what is edited, liked and deleted in the inbox changes on the networks', async () => {
  const sides = [
    { roomId: general, texts: () => slack.general.messages.map(({ text }) => text) },
    { roomId: lobby, texts: () => discord.lobby.messages.map(({ content }) => content) },
  ];
  for (const { roomId, texts } of sides) {
    const { event_id: eventId } = await inbox.sendTextMessage(roomId, 'draft by olive');
    await waitFor('the post', () => texts().includes('draft by olive'));
    await inbox.sendMessage(roomId, {
      msgtype: 'm.text',
      body: '* final by olive',
      'm.new_content': { msgtype: 'm.text', body: 'final by olive' },
      'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
    } as never);
    await waitFor('the edit', () => texts().includes('final by olive'));
    expect(texts()).not.toContain('draft by olive');
    await inbox.redactEvent(roomId, eventId);
    await waitFor('the deletion', () => !texts().includes('final by olive'));
  }

  const liked = slack.ann.post(slack.general, 'like me');
  const likedToo = discord.simulator.postAs(discord.dora, discord.lobby, { content: 'like me' });
  const react = async (roomId: string, key: string) => {
    const event = await waitForEvent(inbox, roomId, (found) => found.getContent().body === 'like me');
    const relation = { rel_type: 'm.annotation', event_id: event.getId(), key };
    return inbox.sendEvent(roomId, 'm.reaction' as never, { 'm.relates_to': relation } as never);
  };
  const { event_id: onSlack } = await react(general, '👍');
  const { event_id: onDiscord } = await react(lobby, '🎉');
  const slackReactions = () => slack.general.message(liked)?.reactions ?? [];
  await waitFor('the reaction on Slack', () =>
    slackReactions().some(({ users }) => users.includes(slack.owner.id)),
  );
  await waitFor('the reaction on Discord', () => discord.lobby.reactedWith(likedToo, '🎉').length === 1);
  await inbox.redactEvent(general, onSlack);
  await inbox.redactEvent(lobby, onDiscord);
  await waitFor(
    'both reactions to go',
    () => slackReactions().length === 0 && discord.lobby.reactedWith(likedToo, '🎉').length === 0,
  );
});

test('a direct message opens its own room, named after the other', async () => {
  slack.ann.post(slack.dm, 'between us');
  const dm = await joinedRoom(inbox, 'Ann Archer');
  await arrives(dm, ['between us']);
  expect(inbox.getRoom(dm)?.getMyMembership()).toBe(KnownMembership.Join);
});

test('nothing that was said to either network, or by it, broke its specification', () => {
  slack.simulator.assertNoViolations();
  discord.simulator.assertNoViolations();
});
