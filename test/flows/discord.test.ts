import { EventType, type MatrixClient, type MatrixEvent, MsgType, RelationType } from 'matrix-js-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ShownMessage } from '../../bridges/testing/discord-simulator/discord-channel.ts';
import { type BridgedServer, startBridgedServer } from '../harness/bridged-server.ts';
import {
  type Credentials,
  register,
  startClient,
  timelineTexts,
  waitForEvent,
} from '../harness/matrix-client.ts';
import { type DiscordWorld, linkDiscord, roomNamed, startDiscordWorld } from '../harness/networks.ts';
import { waitFor } from '../harness/wait-for.ts';

let world: DiscordWorld;
let server: BridgedServer;
let olive: Credentials;
let client: MatrixClient;
let lobby: string;

beforeAll(async () => {
  // Short, so that after a kill the alarm that resumes is not long in coming.
  world = await startDiscordWorld({ heartbeatIntervalMs: 4_000 });
  world.simulator.postAs(world.dora, world.lobby, { content: 'from before' });
  server = await startBridgedServer('discord', {
    discordApiUrl: world.simulator.apiUrl,
    discordCdnUrl: world.simulator.cdnUrl,
  });
  olive = await register(server.url, 'olive');
  client = await startClient(server.url, olive);
  await linkDiscord(server, world, olive.userId);
  lobby = await joinedRoom('lobby');
}, 120_000);

afterAll(async () => {
  client?.stopClient();
  await server?.stopAndRemove();
  await world?.simulator.stop();
});

async function joinedRoom(name: string): Promise<string> {
  const room = await waitFor(`the room ${name}`, () => {
    const found = roomNamed(client, name);
    const membership = found && client.getRoom(found.roomId)?.getMyMembership();
    if (found && membership === 'invite') void client.joinRoom(found.roomId);
    return membership === 'join' && found;
  });
  return room.roomId;
}

const say = (content: string, options: { replyTo?: string } = {}) =>
  world.simulator.postAs(world.dora, world.lobby, { content, ...options });
const arrived = (body: string): Promise<MatrixEvent> =>
  waitForEvent(client, lobby, (event) => event.getContent().body === body);
const posted = (content: string): Promise<ShownMessage> =>
  waitFor(`“${content}” on Discord`, () =>
    world.lobby.messages.find((message) => message.content === content),
  );
const send = async (content: object): Promise<string> =>
  (await client.sendEvent(lobby, EventType.RoomMessage, content as never)).event_id;
const text = (body: string) => ({ msgtype: MsgType.Text, body });
/** The newest text of an event, as a client shows it. */
const shown = (eventId: string | undefined): unknown =>
  client
    .getRoom(lobby)
    ?.findEventById(eventId ?? '')
    ?.getContent().body;

test('a message from Discord arrives with its sender, after what was said before', async () => {
  say('Is anybody **here**?');
  const event = await arrived('Is anybody **here**?');
  expect(event.getContent().formatted_body).toBe('Is anybody <strong>here</strong>?');
  expect(event.sender?.name).toBe('Dora Diver');
  expect(timelineTexts(client, lobby)).toEqual(['from before', 'Is anybody **here**?']);
});

test('the channel is a room in the space of its guild', async () => {
  const room = client.getRoom(lobby);
  expect(room?.currentState.getStateEvents('m.room.topic', '')?.getContent().topic).toBe('Say hello');
  const space = await joinedRoom('Garden');
  expect(client.getRoom(space)?.isSpaceRoom()).toBe(true);
  expect(client.getRoom(space)?.currentState.getStateEvents('m.space.child', lobby)).toBeTruthy();
});

test('an answer goes to Discord under the name of its sender and comes back as nothing', async () => {
  await send(text('I am, *really* @everyone'));
  const message = await posted('I am, \\*really\\* @everyone');
  expect(message.author.username).toBe('olive');
  expect(message.mention_everyone).toBe(false);
  say('after the answer');
  await arrived('after the answer');
  expect(timelineTexts(client, lobby).filter((body) => body.includes('really'))).toHaveLength(1);
});

test('edits and deletions from Discord', async () => {
  const id = say('frist');
  const event = await arrived('frist');
  world.simulator.editAs(world.dora, world.lobby, id, 'first');
  await waitFor('the edit', () => shown(event.getId()) === 'first');
  world.simulator.deleteAs(world.dora, world.lobby, id);
  await waitFor('the redaction', () =>
    client
      .getRoom(lobby)
      ?.findEventById(event.getId() ?? '')
      ?.isRedacted(),
  );
});

test('many deleted at once', async () => {
  const ids = [say('bulk one'), say('bulk two')];
  const events = await Promise.all([arrived('bulk one'), arrived('bulk two')]);
  world.simulator.bulkDelete(world.lobby, ids);
  for (const event of events) {
    await waitFor('the redaction', () =>
      client
        .getRoom(lobby)
        ?.findEventById(event.getId() ?? '')
        ?.isRedacted(),
    );
  }
});

test('edits and deletions to Discord', async () => {
  const eventId = await send(text('secnod'));
  const { id } = await posted('secnod');
  await send({
    ...text('* second'),
    'm.new_content': text('second'),
    'm.relates_to': { rel_type: RelationType.Replace, event_id: eventId },
  });
  expect((await posted('second')).id).toBe(id);
  await client.redactEvent(lobby, eventId);
  await waitFor('the deletion', () => world.lobby.messages.every((message) => message.id !== id));
});

test('the owner deletes another’s message', async () => {
  const id = say('unwelcome');
  const event = await arrived('unwelcome');
  await client.redactEvent(lobby, event.getId() ?? '');
  await waitFor('the deletion', () => world.lobby.messages.every((message) => message.id !== id));
});

test('replies in both directions', async () => {
  const question = say('a question');
  const asked = await arrived('a question');
  await send({ ...text('my answer'), 'm.relates_to': { 'm.in_reply_to': { event_id: asked.getId() } } });
  const answer = await waitFor('the answer', () =>
    world.lobby.messages.find(({ content }) => content.endsWith('my answer')),
  );
  expect(answer.content).toBe(
    `-# ↩ [Reply](https://discord.com/channels/${world.guild.id}/${world.lobby.id}/${question}) **Dora Diver** a question\nmy answer`,
  );
  say('thanks', { replyTo: answer.id });
  const thanks = await arrived('thanks');
  const mine = client
    .getRoom(lobby)
    ?.getLiveTimeline()
    .getEvents()
    .find((e) => e.getContent().body === 'my answer');
  expect(thanks.replyEventId).toBe(mine?.getId());
});

test('reactions in both directions', async () => {
  const id = say('react to me');
  const event = await arrived('react to me');
  world.simulator.reactAs(world.dora, world.lobby, id, '👋');
  const reaction = await waitForEvent(client, lobby, (e) => e.getRelation()?.key === '👋');
  expect(reaction.getRelation()?.event_id).toBe(event.getId());
  world.simulator.unreactAs(world.dora, world.lobby, id, '👋');
  await waitFor('its removal', () => reaction.isRedacted());

  const relates = { rel_type: RelationType.Annotation, event_id: event.getId() ?? '', key: '❤️' };
  const own = await client.sendEvent(lobby, EventType.Reaction, { 'm.relates_to': relates } as never);
  const reactions = () => world.lobby.messages.find((message) => message.id === id)?.reactions ?? [];
  await waitFor('the heart', () => reactions().some(({ emoji, count }) => emoji.name === '❤️' && count === 1));
  await client.redactEvent(lobby, own.event_id);
  await waitFor('no heart', () => reactions().length === 0);
});

test('threads in both directions', async () => {
  const rootId = say('the root');
  const root = await arrived('the root');
  const thread = world.simulator.startThreadAs(world.dora, world.lobby, { name: 'Talk', messageId: rootId });
  world.simulator.postAs(world.dora, thread, { content: 'in the thread' });
  const inThread = await waitForEvent(client, lobby, (e) => e.getContent().body === 'in the thread').catch(
    () =>
      client
        .getRoom(lobby)
        ?.getThread(root.getId() ?? '')
        ?.events.find((e) => e.getContent().body === 'in the thread'),
  );
  expect(inThread?.threadRootId).toBe(root.getId());
  await send({
    ...text('from matrix'),
    'm.relates_to': { rel_type: RelationType.Thread, event_id: root.getId(), is_falling_back: true },
  });
  await waitFor('the post in the thread', () =>
    thread.messages.some(({ content }) => content === 'from matrix'),
  );
});

test('a thread that begins in Matrix is made on Discord', async () => {
  say('start here');
  const root = await arrived('start here');
  await send({
    ...text('new thread'),
    'm.relates_to': { rel_type: RelationType.Thread, event_id: root.getId(), is_falling_back: true },
  });
  const rootId = world.lobby.messages.find(({ content }) => content === 'start here')?.id ?? '';
  await waitFor('the thread', () => {
    try {
      return world.simulator.channel(rootId).messages.some(({ content }) => content === 'new thread');
    } catch {
      return false;
    }
  });
});

test('files in both directions', async () => {
  const bytes = Buffer.from('hello file');
  world.simulator.postAs(world.dora, world.lobby, {
    content: 'a file',
    attachments: [{ filename: 'note.txt', bytes, contentType: 'text/plain' }],
  });
  await arrived('a file');
  const file = await arrived('note.txt');
  expect(file.getContent()).toMatchObject({ msgtype: 'm.file', filename: 'note.txt', info: { size: 10 } });
  const url = client.mxcUrlToHttp(
    String(file.getContent().url),
    undefined,
    undefined,
    undefined,
    false,
    true,
    true,
  );
  const download = await fetch(url ?? '', { headers: { authorization: `Bearer ${olive.accessToken}` } });
  expect(await download.text()).toBe('hello file');

  const { content_uri: mxc } = await client.uploadContent(Buffer.from('from matrix'), {
    type: 'text/plain',
    name: 'up.txt',
  });
  await send({
    msgtype: MsgType.File,
    body: 'the caption',
    filename: 'up.txt',
    url: mxc,
    info: { size: 11 },
  });
  const post = await posted('the caption');
  expect(post.attachments[0]).toMatchObject({ filename: 'up.txt', size: 11 });
});

test('a channel made, renamed and deleted', async () => {
  const made = world.guild.createChannel({ name: 'second', topic: 'new' });
  const roomId = await joinedRoom('second');
  world.simulator.postAs(world.dora, made, { content: 'in the second' });
  await waitForEvent(client, roomId, (event) => event.getContent().body === 'in the second');
  made.change({ name: 'renamed' });
  await waitFor('the new name', () => client.getRoom(roomId)?.name === 'renamed');
  made.delete();
  await waitForEvent(client, roomId, (event) => event.getContent().msgtype === MsgType.Notice);
  const space = client.getRoom(await joinedRoom('Garden'));
  const child = () => space?.currentState.getStateEvents('m.space.child', roomId)?.getContent();
  await waitFor('its leaving the space', () => Object.keys(child() ?? {}).length === 0);
});

test('a lost socket is resumed and loses nothing', async () => {
  const { applicationId } = world.bot;
  const identifies = world.simulator.gateway.identifies(applicationId);
  const resumes = world.simulator.gateway.resumes(applicationId);
  world.simulator.gateway.dropSockets();
  say('while the socket was gone');
  await arrived('while the socket was gone');
  expect(world.simulator.gateway.identifies(applicationId)).toBe(identifies);
  expect(world.simulator.gateway.resumes(applicationId)).toBe(resumes + 1);
});

test('a post whose answer never comes is neither lost nor doubled', async () => {
  world.simulator.faults.failCalls('execute_webhook', { kind: 'http_error_after_commit', status: 502 });
  await send(text('only once'));
  await posted('only once');
  await send(text('the next'));
  await posted('the next');
  expect(world.lobby.messages.filter(({ content }) => content === 'only once')).toHaveLength(1);
});

test('a deleted webhook is made again', async () => {
  const before = world.simulator.callsTo('create_webhook').length;
  for (const { id } of world.lobby.webhooks) world.lobby.deleteWebhook(id);
  await send(text('by a new webhook'));
  await posted('by a new webhook');
  expect(world.simulator.callsTo('create_webhook')).toHaveLength(before + 1);
});

test('a message, its edit and its reaction that come in the wrong order', async () => {
  world.simulator.faults.reorderNextDispatches(3);
  const id = say('disordered');
  world.simulator.editAs(world.dora, world.lobby, id, 'in order');
  world.simulator.reactAs(world.dora, world.lobby, id, '🎲');
  const event = await arrived('disordered').catch(() => arrived('in order'));
  await waitFor('the edit', () => shown(event.getId()) === 'in order');
  await waitForEvent(client, lobby, (e) => e.getRelation()?.key === '🎲');
});

test('a kill between a post and its answer neither loses nor doubles it', async () => {
  world.simulator.faults.failCalls('execute_webhook', { kind: 'hang_after_commit' });
  await send(text('killed in between'));
  await posted('killed in between');
  await server.kill();
  await server.start();
  await send(text('after that kill'));
  await waitFor(
    'the next post',
    () => world.lobby.messages.some(({ content }) => content === 'after that kill'),
    undefined,
    60_000,
  );
  expect(world.lobby.messages.filter(({ content }) => content === 'killed in between')).toHaveLength(1);
}, 90_000);

test('after a kill the session is resumed and what was said meanwhile arrives once', async () => {
  const { applicationId } = world.bot;
  const identifies = world.simulator.gateway.identifies(applicationId);
  await server.kill();
  say('while all was dead');
  await server.start();
  await arrived('while all was dead');
  expect(timelineTexts(client, lobby).filter((body) => body === 'while all was dead')).toHaveLength(1);
  expect(world.simulator.gateway.identifies(applicationId)).toBe(identifies);
}, 90_000);

test('Discord had nothing to complain about, and no secret was logged', () => {
  world.simulator.assertNoViolations();
  const log = server.logLines.join('\n');
  expect(log).not.toContain(world.bot.token);
  for (const { token } of world.lobby.webhooks) expect(log).not.toContain(token);
});
