import { grant, installBot, rotation } from '../operations/installations.ts';
import { SlackApiError } from '../slack-api-error.ts';
import type { Simulation } from '../slack-simulator.ts';
import type { CallArgs } from '../web-api-call.ts';
import { type App, type Token, teamOf } from '../world.ts';

/** The client's id and secret, from the Basic header or the arguments. */
function clientCredentials(
  args: CallArgs,
  authorization: string | undefined,
): [string | undefined, string | undefined] {
  const basic = /^Basic (.+)$/i.exec(authorization ?? '')?.[1];
  if (!basic) return [args.optional('client_id'), args.optional('client_secret')];
  const [id, secret] = Buffer.from(basic, 'base64').toString().split(':');
  return [id, secret];
}

/** A refresh token becomes a new access token and a new refresh token, once. The old access token lives out its time. */
function refresh(simulation: Simulation, app: App, args: CallArgs): Record<string, unknown> {
  const { world } = simulation;
  const value = args.optional('refresh_token') ?? '';
  const old = world.refreshTokens.get(value);
  if (!old || old.app !== app) throw new SlackApiError('invalid_refresh_token');
  world.refreshTokens.delete(value);
  const prefix = old.kind === 'bot' ? 'xoxe.xoxb-1-' : 'xoxe.xoxp-1-';
  const renewed: Token = { ...old, value: `${prefix}${world.ids.base64url(80)}` };
  world.tokens.set(renewed.value, renewed);
  const team = teamOf(world, old.teamId);
  return {
    app_id: app.id,
    ...(old.kind === 'bot' ? { bot_user_id: old.userId } : { authed_user: { id: old.userId } }),
    access_token: renewed.value,
    token_type: old.kind,
    scope: [...old.scopes].join(','),
    ...rotation(simulation, app, renewed),
    team: { id: team.id, name: team.name },
    enterprise: null,
    is_enterprise_install: false,
  };
}

/** `oauth.v2.access`: a single-use code becomes tokens. */
export function oauthAccess(
  simulation: Simulation,
  args: CallArgs,
  authorization: string | undefined,
): Record<string, unknown> {
  const [clientId, clientSecret] = clientCredentials(args, authorization);
  const app = [...simulation.world.apps.values()].find((candidate) => candidate.clientId === clientId);
  if (!app) throw new SlackApiError('invalid_client_id');
  if (app.clientSecret !== clientSecret) throw new SlackApiError('bad_client_secret');
  if (args.optional('grant_type') === 'refresh_token') return refresh(simulation, app, args);
  const value = args.optional('code') ?? '';
  const code = simulation.world.oauthCodes.get(value);
  simulation.world.oauthCodes.delete(value);
  if (!code || code.app !== app) throw new SlackApiError('invalid_code');
  if (code.redirectUri !== args.optional('redirect_uri')) throw new SlackApiError('bad_redirect_uri');
  const team = teamOf(simulation.world, code.teamId);
  const bot = code.botScopes.length > 0 ? installBot(simulation, team, app, code.botScopes) : undefined;
  const user =
    code.userScopes.length > 0 ? grant(simulation, team, app, code.userId, code.userScopes) : undefined;
  return {
    app_id: app.id,
    authed_user: {
      id: code.userId,
      ...(user
        ? {
            scope: code.userScopes.join(','),
            access_token: user.value,
            token_type: 'user',
            ...rotation(simulation, app, user),
          }
        : {}),
    },
    ...(bot
      ? {
          scope: code.botScopes.join(','),
          token_type: 'bot',
          access_token: bot.value,
          bot_user_id: bot.userId,
          ...rotation(simulation, app, bot),
        }
      : {}),
    team: { id: team.id, name: team.name },
    enterprise: null,
    is_enterprise_install: false,
  };
}
