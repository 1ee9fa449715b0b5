import type { Simulation } from '../slack-simulator.ts';
import { currentTs } from '../timestamps.ts';
import { type App, nowS, type OauthCode, type Team, type Token } from '../world.ts';

/** Gives an app a person's token; a second grant to the same person replaces the first. */
export function grant(
  simulation: Simulation,
  team: Team,
  app: App,
  userId: string,
  scopes: readonly string[],
): Token {
  const { ids, tokens } = simulation.world;
  const botId = botOf(simulation, team, app).botId;
  const token: Token = {
    value: `xoxp-${ids.digits(12)}-${ids.digits(12)}-${ids.hex(32)}`,
    teamId: team.id,
    userId,
    scopes: new Set([...scopes, 'identify']),
    kind: 'user',
    app,
    botId,
  };
  tokens.set(token.value, token);
  app.installations = app.installations.filter(
    (entry) => entry.teamId !== team.id || entry.userId !== userId,
  );
  app.installations.push({ teamId: team.id, userId, userScopes: token.scopes });
  return token;
}

const rotatedTokenLifetimeS = 12 * 3600;

/** The fields that a rotating app gets beside an access token. None for others. */
export function rotation(
  simulation: Simulation,
  app: App,
  token: Token,
): { refresh_token?: string; expires_in?: number } {
  if (!app.rotatesTokens) return {};
  const { world } = simulation;
  token.expiresMs = world.clock.nowMs() + rotatedTokenLifetimeS * 1000;
  const refreshToken = `xoxe-1-${world.ids.base64url(80)}`;
  world.refreshTokens.set(refreshToken, token);
  return { refresh_token: refreshToken, expires_in: rotatedTokenLifetimeS };
}

/** Every app has a bot identity in a team, which also marks what it posts under a person's token. */
function botOf(
  simulation: Simulation,
  team: Team,
  app: App,
): { userId: string; botId: string; scopes: Set<string> } {
  const existing = app.bots.get(team.id);
  if (existing) return existing;
  const { ids } = simulation.world;
  const bot = { userId: ids.base36('U', 10), botId: ids.base36('B', 10), scopes: new Set<string>() };
  app.bots.set(team.id, bot);
  return bot;
}

export function installBot(simulation: Simulation, team: Team, app: App, scopes: readonly string[]): Token {
  const { ids, tokens } = simulation.world;
  const bot = botOf(simulation, team, app);
  for (const scope of scopes) bot.scopes.add(scope);
  team.users.set(bot.userId, {
    id: bot.userId,
    teamId: team.id,
    name: app.name.toLowerCase(),
    realName: app.name,
    displayName: '',
    isBot: true,
    botId: bot.botId,
    appId: app.id,
    deleted: false,
    updatedS: nowS(simulation.world),
    avatarHash: `g${ids.hex(11)}`,
  });
  const token: Token = {
    value: `xoxb-${ids.digits(12)}-${ids.digits(12)}-${ids.base64url(24)}`,
    teamId: team.id,
    userId: bot.userId,
    scopes: bot.scopes,
    kind: 'bot',
    app,
    botId: bot.botId,
  };
  tokens.set(token.value, token);
  return token;
}

/** @returns a code that `oauth.v2.access` accepts once. */
export function newOauthCode(simulation: Simulation, code: OauthCode): string {
  const { ids, oauthCodes } = simulation.world;
  const value = `${ids.digits(12)}.${ids.digits(13)}.${ids.hex(64)}`;
  oauthCodes.set(value, code);
  return value;
}

export function revokeAll(simulation: Simulation, team: Team, app: App, userId: string): void {
  for (const token of simulation.world.tokens.values()) {
    if (token.app === app && token.teamId === team.id && token.userId === userId) {
      simulation.world.tokens.delete(token.value);
    }
  }
  app.installations = app.installations.filter(
    (entry) => entry.teamId !== team.id || entry.userId !== userId,
  );
  simulation.deliveries.emitToApp(team, app, userId, {
    type: 'tokens_revoked',
    tokens: { oauth: [userId], bot: [] },
    event_ts: currentTs(simulation.world),
  });
}
