import type { MatrixClient } from 'matrix-js-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Credentials,
  register,
  startClient,
  timelineTexts,
  waitForEvent,
} from '../harness/matrix-client.ts';
import { type DiscordWorld, linkDiscord, roomNamed, startDiscordWorld } from '../harness/networks.ts';
import { Roost } from '../harness/roost.ts';
import { waitFor } from '../harness/wait-for.ts';

let world: DiscordWorld;
let roost: Roost;
let olive: Credentials;
let client: MatrixClient;
let lobby: string;

beforeAll(async () => {
  world = await startDiscordWorld();
  roost = await Roost.start({
    bridges: true,
    discordApiUrl: world.simulator.apiUrl,
    discordCdnUrl: world.simulator.cdnUrl,
  });
  olive = await register(roost.url, 'olive');
  client = await startClient(roost.url, olive);
  world.simulator.postAs(world.dora, world.lobby, { content: 'from before' });
  await linkDiscord(roost, world, olive.userId);
  lobby = await waitFor('the room', () => {
    const room = roomNamed(client, 'lobby');
    if (room && client.getRoom(room.roomId)?.getMyMembership() === 'invite')
      void client.joinRoom(room.roomId);
    return room && client.getRoom(room.roomId)?.getMyMembership() === 'join' && room.roomId;
  });
}, 120_000);

afterAll(async () => {
  client?.stopClient();
  if (process.env.DEBUG_LOG) console.log(roost?.logTail(120));
  await roost?.stopAndRemove();
  await world?.simulator.stop();
});

test('a message from Discord arrives with its sender', async () => {
  world.simulator.postAs(world.dora, world.lobby, { content: 'Is anybody **here**?' });
  const event = await waitForEvent(client, lobby, (e) => e.getContent().body === 'Is anybody **here**?');
  expect(event.getContent().formatted_body).toBe('Is anybody <strong>here</strong>?');
  expect(event.sender?.name).toBe('Dora Diver');
  expect(timelineTexts(client, lobby)).toEqual(['from before', 'Is anybody **here**?']);
});

test('an answer goes to Discord under the name of its sender', async () => {
  await client.sendTextMessage(lobby, 'I am, *really*');
  const message = await waitFor('the post', () =>
    world.lobby.messages.find(({ content }) => content === 'I am, \\*really\\*'),
  );
  expect(message.author.username).toBe('olive');
  world.simulator.assertNoViolations();
});
