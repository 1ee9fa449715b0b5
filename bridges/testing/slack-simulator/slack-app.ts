import { grant, installBot, newOauthCode, revokeAll } from './operations/installations.ts';
import { defaultBotScopes, defaultUserScopes } from './scopes.ts';
import type { Simulation } from './slack-simulator.ts';
import type { SlackUser } from './slack-user.ts';
import type { App, Team } from './world.ts';

/** An internal app, as its maker sees it on the app's settings page. */
export class SlackApp {
  readonly appId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly signingSecret: string;
  readonly #simulation: Simulation;
  readonly #team: Team;
  readonly #app: App;

  constructor(simulation: Simulation, team: Team, app: App) {
    this.#simulation = simulation;
    this.#team = team;
    this.#app = app;
    this.appId = app.id;
    this.clientId = app.clientId;
    this.clientSecret = app.clientSecret;
    this.signingSecret = app.signingSecret;
  }

  get eventsUrl(): string | undefined {
    return this.#app.eventsUrl;
  }

  /** @throws Error when the URL fails the challenge, as Slack then refuses to save it. */
  async setEventsUrl(url: string): Promise<void> {
    await this.#simulation.deliveries.verifyUrl(this.#app, url);
    this.#app.eventsUrl = url;
  }

  /** What OAuth ends with: the person's token, and the bot's (installed in the same step). */
  install(
    user: SlackUser,
    options: { scopes?: readonly string[]; botScopes?: readonly string[] } = {},
  ): { userToken: string; botToken: string; botUserId: string } {
    const userToken = grant(
      this.#simulation,
      this.#team,
      this.#app,
      user.id,
      options.scopes ?? defaultUserScopes,
    );
    const bot = installBot(this.#simulation, this.#team, this.#app, options.botScopes ?? defaultBotScopes);
    return { userToken: userToken.value, botToken: bot.value, botUserId: bot.userId };
  }

  /** The person agrees on Slack's authorize page. @returns the single-use code that comes back in the redirect. */
  authorize(
    user: SlackUser,
    options: { redirectUri?: string; scopes?: readonly string[]; botScopes?: readonly string[] } = {},
  ): string {
    return newOauthCode(this.#simulation, {
      app: this.#app,
      teamId: this.#team.id,
      userId: user.id,
      userScopes: [...(options.scopes ?? defaultUserScopes)],
      botScopes: [...(options.botScopes ?? [])],
      ...(options.redirectUri ? { redirectUri: options.redirectUri } : {}),
    });
  }

  /** The person removes the app: the tokens die and `tokens_revoked` is sent. */
  revoke(user: SlackUser): void {
    revokeAll(this.#simulation, this.#team, this.#app, user.id);
  }
}
