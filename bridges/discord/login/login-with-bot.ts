import { ApplicationFlags } from 'discord-api-types/v10';
import {
  type LoginCall,
  type LoginFlow,
  LoginInputError,
  type LoginProgress,
} from '../../core/login-flow.ts';
import { asLoginId } from '../../core/remote-ids.ts';
import { userDisplayName } from '../client/user-info.ts';
import type { DiscordEnv } from '../discord-env.ts';
import { DiscordApi } from '../rest/discord-api.ts';
import { DiscordError } from '../rest/discord-error.ts';
import type { Snowflake } from '../snowflake.ts';
import { botTokenPattern, publicKeyPattern, snowflakeText } from './credentials.ts';
import { inviteUrl } from './invite-url.ts';

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
        '“Message Content Intent” and copy the token. The other two are under “General Information”; ' +
        'if you give them, they are compared with what Discord says.',
      fields: [
        { id: 'bot_token', name: 'Bot token', type: 'token', pattern: `^${botTokenPattern}$` },
        {
          id: 'application_id',
          name: 'Application ID',
          type: 'token',
          pattern: `^${snowflakeText}$`,
          optional: true,
        },
        {
          id: 'public_key',
          name: 'Public key',
          type: 'token',
          pattern: `^${publicKeyPattern}$`,
          optional: true,
        },
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
  if (!new RegExp(`^${botTokenPattern}$`).test(botToken))
    throw new LoginInputError('That is not a bot token');
  const api = new DiscordApi({ apiUrl: env.DISCORD_API_URL, botToken, ownUrl: env.PUBLIC_BASE_URL });
  const { bot, applicationId, publicKey } = await readBot(api);
  const givenId = (input.application_id ?? '').trim();
  if (givenId && givenId !== applicationId) {
    throw new LoginInputError('The bot token does not belong to this application');
  }
  const givenKey = (input.public_key ?? '').trim().toLowerCase();
  if (givenKey && givenKey !== publicKey) throw new LoginInputError('The public key is another one');
  const name = userDisplayName(bot);
  return {
    state: {},
    step: {
      type: 'complete',
      stepId: 'fi.roost.discord.done',
      instructions: `Logged in as ${name}. Invite the bot to your servers: ${inviteUrl(applicationId)}`,
      login: {
        loginId: asLoginId(applicationId),
        name: `${name} on Discord`,
        credentials: { botToken },
        metadata: { applicationId, publicKey, botUserId: bot.id },
      },
    },
  };
}

async function readBot(api: DiscordApi) {
  try {
    const bot = await api.getMyUser();
    const { id, verify_key: publicKey, flags } = await api.getMyApplication();
    // Without it messages arrive empty, and Discord refuses the connection.
    const hasContent = ApplicationFlags.GatewayMessageContent | ApplicationFlags.GatewayMessageContentLimited;
    if ((flags & hasContent) === 0) {
      throw new LoginInputError('Switch on the “Message Content Intent” of the bot in the developer portal');
    }
    const applicationId: Snowflake = id;
    return { bot, applicationId, publicKey: publicKey.toLowerCase() };
  } catch (error) {
    if (!(error instanceof DiscordError)) throw error;
    throw new LoginInputError(
      error.failure.kind === 'refused'
        ? 'Discord does not accept this bot token'
        : 'Discord could not be asked; try again in a minute',
    );
  }
}
