import type { MatrixClient, Room } from 'matrix-js-sdk';
import type { DiscordBot } from '../../bridges/testing/discord-simulator/discord-bot.ts';
import type { DiscordChannel } from '../../bridges/testing/discord-simulator/discord-channel.ts';
import type { DiscordGuild } from '../../bridges/testing/discord-simulator/discord-guild.ts';
import {
  DiscordSimulator,
  type DiscordSimulatorOptions,
} from '../../bridges/testing/discord-simulator/discord-simulator.ts';
import type { DiscordUser } from '../../bridges/testing/discord-simulator/discord-user.ts';
import type { SlackApp } from '../../bridges/testing/slack-simulator/slack-app.ts';
import type { SlackChannel } from '../../bridges/testing/slack-simulator/slack-channel.ts';
import { SlackSimulator } from '../../bridges/testing/slack-simulator/slack-simulator.ts';
import type { SlackTeam } from '../../bridges/testing/slack-simulator/slack-team.ts';
import type { SlackUser } from '../../bridges/testing/slack-simulator/slack-user.ts';
import type { BridgedServer } from './bridged-server.ts';
import { logInToNetwork } from './provisioning.ts';
import { waitFor } from './wait-for.ts';

/** A small workspace: the owner, a colleague, a channel of both and their direct message. */
export interface SlackWorld {
  simulator: SlackSimulator;
  team: SlackTeam;
  app: SlackApp;
  owner: SlackUser;
  ann: SlackUser;
  general: SlackChannel;
  dm: SlackChannel;
}

export async function startSlackWorld(): Promise<SlackWorld> {
  const simulator = await SlackSimulator.start({ seed: 'acme' });
  const team = simulator.createTeam({ name: 'Acme', domain: 'acme' });
  const owner = team.createUser({ name: 'olive', realName: 'Olive Owner', displayName: 'Olive Owner' });
  const ann = team.createUser({ name: 'ann', realName: 'Ann Archer', displayName: 'Ann Archer' });
  return {
    simulator,
    team,
    owner,
    ann,
    general: team.createChannel({ name: 'general', members: [owner, ann] }),
    dm: team.openDm([owner, ann]),
    app: team.createApp({ name: 'Roost' }),
  };
}

/** Installs the app for the owner, logs in, and gives Slack the URL for events. @returns the login's id */
export async function linkSlack(server: BridgedServer, world: SlackWorld, userId: string): Promise<string> {
  const { userToken } = world.app.install(world.owner);
  const { loginId, instructions } = await logInToNetwork(server, 'slack', 'app', userId, {
    app_id: world.app.appId,
    client_id: world.app.clientId,
    client_secret: world.app.clientSecret,
    signing_secret: world.app.signingSecret,
    user_token: userToken,
  });
  const eventsUrl = /https?:\/\/\S+\/events\/[\w-]+/.exec(instructions)?.[0];
  if (!eventsUrl) throw new Error(`the login tells no events URL: ${instructions}`);
  await world.app.setEventsUrl(eventsUrl);
  return loginId;
}

/** A small guild: a friend, a text channel, and the bot of the bridge. */
export interface DiscordWorld {
  simulator: DiscordSimulator;
  guild: DiscordGuild;
  bot: DiscordBot;
  dora: DiscordUser;
  lobby: DiscordChannel;
}

export async function startDiscordWorld(options: DiscordSimulatorOptions = {}): Promise<DiscordWorld> {
  const simulator = await DiscordSimulator.start({ seed: 'garden', ...options });
  const dora = simulator.createUser({ username: 'dora', globalName: 'Dora Diver' });
  const guild = simulator.createGuild({ name: 'Garden', owner: dora });
  const lobby = guild.createChannel({ name: 'lobby', topic: 'Say hello' });
  const bot = simulator.createBotApplication({ name: 'Roost' });
  guild.addBot(bot);
  return { simulator, guild, bot, dora, lobby };
}

/** @returns the login's id */
export async function linkDiscord(
  server: BridgedServer,
  world: DiscordWorld,
  userId: string,
): Promise<string> {
  const { loginId } = await logInToNetwork(server, 'discord', 'bot', userId, {
    bot_token: world.bot.token,
    application_id: world.bot.applicationId,
    public_key: world.bot.publicKey,
  });
  return loginId;
}

/** The room that a client shows under this name, bridged or not. */
export function roomNamed(client: MatrixClient, name: string): Room | undefined {
  return client.getRooms().find((room) => room.name === name);
}

/** Waits for a room of this name, accepting the invitation if there is one. @returns its id */
export async function joinedRoom(client: MatrixClient, name: string): Promise<string> {
  let isAccepted = false;
  const room = await waitFor(`the room ${name}`, () => {
    const found = roomNamed(client, name);
    if (found?.getMyMembership() === 'invite' && !isAccepted) {
      isAccepted = true;
      void client.joinRoom(found.roomId);
    }
    return found?.getMyMembership() === 'join' && found;
  });
  return room.roomId;
}
