import {
  type LoginCall,
  type LoginFlow,
  LoginInputError,
  type LoginProgress,
} from '../../core/login-flow.ts';
import { asLoginId } from '../../core/remote-ids.ts';
import { userDisplayName } from '../client/user-info.ts';
import type { DiscordEnv } from '../discord-env.ts';
import { commands } from '../interactions/commands.ts';
import { DiscordApi } from '../rest/discord-api.ts';
import { DiscordError } from '../rest/discord-error.ts';
import { parseSnowflake, type Snowflake } from '../snowflake.ts';
import { botTokenPattern, publicKeyPattern, snowflakeText } from './credentials.ts';

const stepId = 'fi.roost.discord.bot';

/** Discord forbids programs to use a person's own account, so a bot of the owner's is the only way in. */
export const loginWithBot: LoginFlow<DiscordEnv> = {
  id: 'bot',
  name: 'Bot',
  description: 'A bot of your own, which brings over the channels of the servers that it is invited to',
  start: async () => askForBot(),
  submit,
};

function askForBot(): LoginProgress {
  return {
    state: {},
    step: {
      type: 'user_input',
      stepId,
      instructions:
        'Make an application at https://discord.com/developers/applications. Under “Bot”, switch on the ' +
        'Message Content Intent and copy the token; the other two are under “General Information”.',
      fields: [
        { id: 'bot_token', name: 'Bot token', type: 'token', pattern: `^${botTokenPattern}$` },
        { id: 'application_id', name: 'Application ID', type: 'token', pattern: `^${snowflakeText}$` },
        { id: 'public_key', name: 'Public key', type: 'token', pattern: `^${publicKeyPattern}$` },
      ],
    },
  };
}

async function submit(
  { env }: LoginCall<DiscordEnv>,
  _stepId: string,
  input: Record<string, string>,
): Promise<LoginProgress> {
  const botToken = (input.bot_token ?? '').trim().replace(/^Bot +/, '');
  const applicationId = parseSnowflake((input.application_id ?? '').trim());
  const publicKey = (input.public_key ?? '').trim().toLowerCase();
  if (!new RegExp(`^${botTokenPattern}$`).test(botToken))
    throw new LoginInputError('That is not a bot token');
  if (!applicationId) throw new LoginInputError('That is not an application ID');
  if (!new RegExp(`^${publicKeyPattern}$`).test(publicKey))
    throw new LoginInputError('That is not a public key');
  const api = new DiscordApi({ apiUrl: env.DISCORD_API_URL, botToken, ownUrl: env.PUBLIC_BASE_URL });
  const bot = await readBot(api);
  await registerCommands(api, applicationId);
  const interactionsUrl = `${env.PUBLIC_BASE_URL.replace(/\/+$/, '')}/_bridge/discord/interactions/${applicationId}`;
  return {
    state: {},
    step: {
      type: 'complete',
      stepId: 'fi.roost.discord.done',
      instructions:
        `Logged in as ${userDisplayName(bot)}. Invite the bot to your servers with the permissions ` +
        `“View Channels”, “Send Messages”, “Read Message History”, “Add Reactions”, “Manage Webhooks” and ` +
        `“Manage Messages”: https://discord.com/oauth2/authorize?client_id=${applicationId}` +
        `&scope=bot+applications.commands&permissions=${invitePermissions} ` +
        `For the command /matrix, set the Interactions Endpoint URL to ${interactionsUrl}`,
      login: {
        loginId: asLoginId(applicationId),
        name: `${userDisplayName(bot)} on Discord`,
        credentials: { botToken },
        metadata: { applicationId, publicKey, botUserId: bot.id },
      },
    },
  };
}

/** View, send, history, reactions, embeds, files, webhooks, messages, threads, mentions of nobody. */
const invitePermissions =
  64n + 1024n + 2048n + 8192n + 16384n + 32768n + 65536n + 2n ** 29n + 2n ** 35n + 2n ** 38n;

async function readBot(api: DiscordApi) {
  try {
    return await api.getMyUser();
  } catch (error) {
    if (!(error instanceof DiscordError)) throw error;
    throw new LoginInputError(
      error.failure.kind === 'refused'
        ? 'Discord does not accept this bot token'
        : 'Discord could not be asked; try again in a minute',
    );
  }
}

/** Also tells whether token and application belong together. */
async function registerCommands(api: DiscordApi, applicationId: Snowflake): Promise<void> {
  try {
    await api.bulkSetApplicationCommands(applicationId, commands);
  } catch (error) {
    if (!(error instanceof DiscordError)) throw error;
    throw new LoginInputError(
      error.failure.kind === 'refused'
        ? 'The bot token does not belong to this application'
        : 'Discord could not be asked; try again in a minute',
    );
  }
}
