import type { NetworkConnector } from '../core/network-connector.ts';
import { DiscordClient } from './client/discord-client.ts';
import { DiscordSession } from './client/discord-session.ts';
import { maxFileBytes } from './convert/event-to-discord.ts';
import { maxContentChars } from './convert/split-content.ts';
import type { DiscordEnv } from './discord-env.ts';
import { gatewayOf } from './gateway/gateway-stub.ts';
import { offerCommands } from './interactions/offer-commands.ts';
import { readCredentials } from './login/credentials.ts';
import { loginWithBot } from './login/login-with-bot.ts';

/** Discord, as a bot of the owner's sees it: the text channels of the servers that it was invited to. */
export const discordConnector: NetworkConnector<DiscordEnv> = {
  id: 'discord',
  displayName: 'Discord',
  url: 'https://discord.com',
  capabilities: {
    version: 1,
    maxTextChars: maxContentChars,
    maxFileBytes,
    relay: true,
    threads: true,
    replies: true,
    edits: true,
    deletes: true,
    reactions: true,
    // Discord would tell it by an intent of its own, at a row for every key pressed; ours goes out.
    typing: false,
    // Bots neither read nor see what others have read.
    readReceipts: false,
    customEmoji: false,
    initialHistory: 50,
  },
  loginFlows: [loginWithBot],
  loadLogin: (env, login) => new DiscordClient(env, login),
  onLogin: async (env, login) => {
    const { applicationId, botUserId } = readCredentials(login);
    const owner = { loginId: login.loginId, applicationId, botUserId };
    await gatewayOf(env, applicationId).start(owner);
    await offerCommands(new DiscordSession(env, login));
  },
  onLogout: (env, login) => gatewayOf(env, readCredentials(login).applicationId).stop(),
};
