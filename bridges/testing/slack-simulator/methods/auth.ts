import { revokeAll } from '../operations/installations.ts';
import { knownUser, type WebApiMethod } from '../web-api-call.ts';

export const authMethods: Record<string, WebApiMethod> = {
  'auth.test': {
    scopes: [],
    tier: 'special',
    run: (call) => ({
      url: `https://${call.team.domain}.slack.com/`,
      team: call.team.name,
      user: knownUser(call, call.token.userId).name,
      team_id: call.team.id,
      user_id: call.token.userId,
      ...(call.token.kind === 'bot' ? { bot_id: call.token.botId } : {}),
      is_enterprise_install: false,
    }),
  },
  'auth.revoke': {
    scopes: [],
    tier: 3,
    run: (call) => {
      const { app, userId } = call.token;
      if (app) revokeAll(call.simulation, call.team, app, userId);
      return { revoked: app !== undefined };
    },
  },
};
