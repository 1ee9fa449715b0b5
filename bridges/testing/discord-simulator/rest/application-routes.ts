import { missingAccess } from '../discord-api-error.ts';
import { renderUser } from '../render/render-user.ts';
import type { Application } from '../world.ts';
import { type BotCall, ok, type Route } from './rest-call.ts';

function own(call: BotCall): Application {
  if (call.params.application_id !== call.application.id) throw missingAccess();
  return call.application;
}

function renderApplication(call: BotCall): Record<string, unknown> {
  const { application, world } = call;
  const bot = world.users.get(application.botUserId);
  const owner = world.users.get(application.ownerId);
  const guildCount = [...world.guilds.values()].filter((guild) =>
    guild.members.has(application.botUserId),
  ).length;
  return {
    id: application.id,
    name: application.name,
    icon: null,
    description: '',
    type: null,
    ...(bot ? { bot: renderUser(bot) } : {}),
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: application.publicKeyHex,
    // The flags tell which privileged intents are on, as "limited" (below 10,000 users).
    flags: flagsOf(application),
    flags_new: String(flagsOf(application)),
    redirect_uris: [],
    interactions_endpoint_url: application.interactionsUrl,
    role_connections_verification_url: null,
    owner: owner ? renderUser(owner) : null,
    approximate_guild_count: guildCount,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    explicit_content_filter: 0,
    team: null,
    eligible_oauth2_scopes: ['bot', 'applications.commands'],
  };
}

function flagsOf(application: Application): number {
  const limited: [intent: number, flag: number][] = [
    [1 << 8, 1 << 13],
    [1 << 1, 1 << 15],
    [1 << 15, 1 << 19],
  ];
  return limited.reduce((flags, [bit, flag]) => flags | (application.privilegedIntents & bit ? flag : 0), 0);
}

function putCommands(call: BotCall, guildId: string | undefined): Record<string, unknown>[] {
  const application = own(call);
  const list = call.body as unknown as Record<string, unknown>[];
  const others = application.commands.filter((command) => command.guild_id !== guildId);
  const commands = list.map((command) => ({
    id: call.world.snowflakes.next(),
    application_id: application.id,
    version: call.world.snowflakes.next(),
    default_member_permissions: null,
    type: 1,
    nsfw: false,
    dm_permission: true,
    contexts: null,
    integration_types: [0],
    ...(guildId ? { guild_id: guildId } : {}),
    description: '',
    ...command,
  }));
  application.commands = [...others, ...commands];
  return commands;
}

export const applicationRoutes: Route[] = [
  {
    operationId: 'get_my_application',
    method: 'GET',
    path: '/applications/@me',
    auth: 'bot',
    run: (call) => ok(renderApplication(call)),
  },
  {
    operationId: 'get_my_oauth2_application',
    method: 'GET',
    path: '/oauth2/applications/@me',
    auth: 'bot',
    run: (call) => ok(renderApplication(call)),
  },
  {
    operationId: 'update_my_application',
    method: 'PATCH',
    path: '/applications/@me',
    auth: 'bot',
    run: (call) => {
      const url = call.body.interactions_endpoint_url;
      if (url !== undefined) call.application.interactionsUrl = url as string | null;
      return ok(renderApplication(call));
    },
  },
  {
    operationId: 'list_application_commands',
    method: 'GET',
    path: '/applications/{application_id}/commands',
    auth: 'bot',
    run: (call) => ok(own(call).commands.filter((command) => command.guild_id === undefined)),
  },
  {
    operationId: 'bulk_set_application_commands',
    method: 'PUT',
    path: '/applications/{application_id}/commands',
    auth: 'bot',
    run: (call) => ok(putCommands(call, undefined)),
  },
  {
    operationId: 'bulk_set_guild_application_commands',
    method: 'PUT',
    path: '/applications/{application_id}/guilds/{guild_id}/commands',
    auth: 'bot',
    run: (call) => ok(putCommands(call, call.params.guild_id)),
  },
];
