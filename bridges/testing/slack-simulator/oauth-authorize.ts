import { emptyReply, type LoopbackRequest, type Reply } from '../loopback/loopback-server.ts';
import { newOauthCode } from './operations/installations.ts';
import type { Simulation } from './slack-simulator.ts';

function scopeList(text: string | null): string[] {
  return (text ?? '').split(/[ ,]/).filter((scope) => scope !== '');
}

/**
 * Slack's authorize page. A browser would show it to whoever is signed in; here `acting_user` in the query says who
 * that is, and they agree at once: the answer is the redirect with `code` and `state`.
 */
export function authorizePage(simulation: Simulation, request: LoopbackRequest): Reply {
  const query = request.url.searchParams;
  const app = [...simulation.world.apps.values()].find((entry) => entry.clientId === query.get('client_id'));
  const userId = query.get('acting_user') ?? '';
  const team = [...simulation.world.teams.values()].find((entry) => entry.users.has(userId));
  const redirectUri = query.get('redirect_uri');
  if (!app || !team || !redirectUri) return emptyReply(400);
  const code = newOauthCode(simulation, {
    app,
    teamId: team.id,
    userId,
    userScopes: scopeList(query.get('user_scope')),
    botScopes: scopeList(query.get('scope')),
    redirectUri,
  });
  const target = new URL(redirectUri);
  target.searchParams.set('code', code);
  target.searchParams.set('state', query.get('state') ?? '');
  return emptyReply(302, { location: target.href });
}
